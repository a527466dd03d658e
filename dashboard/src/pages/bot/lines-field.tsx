import { Textarea } from "@mantine/core";
import { useState } from "react";

/** Something with many parts, a line for each. What is typed stays while it means the same. */
export function LinesField(props: {
  label: string;
  hint: string;
  value: unknown;
  print: (value: unknown) => string;
  parse: (text: string) => unknown;
  onChange: (value: unknown) => void;
  error: string | undefined;
}) {
  const [typed, setTyped] = useState("");
  const means = JSON.stringify(props.parse(typed)) === JSON.stringify(props.value);
  return (
    <Textarea
      label={props.label}
      description={props.hint}
      autosize
      minRows={2}
      maxRows={10}
      value={means ? typed : props.print(props.value)}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        props.onChange(props.parse(event.currentTarget.value));
      }}
      error={props.error}
    />
  );
}
