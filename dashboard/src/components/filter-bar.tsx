import { Group, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Choice } from "~/ui/choice";

const WAIT_MS = 250;

/** One filter of a listing: words to type, or, with `choices`, one of them. */
export interface Filter<Key extends string> {
  key: Key;
  label: string;
  placeholder: string;
  choices?: readonly { value: string; label: string }[];
}

/** The filters of a listing. What they are set to is in the address, and only there. */
export function FilterBar<Key extends string>(props: {
  filters: readonly Filter<Key>[];
  values: { [key in Key]?: string | undefined };
  change: (part: { [key in Key]?: string | undefined }) => void;
  children?: ReactNode;
}) {
  const { values, change } = props;
  // One key at a time; TypeScript takes a computed key for any string.
  const put = (key: Key, value: string | undefined) =>
    change({ [key]: value } as { [key in Key]?: string | undefined });
  return (
    <Group mb="md" align="flex-end" role="search">
      {props.filters.map(({ key, choices, ...words }) =>
        choices ? (
          <Choice
            key={key}
            {...words}
            data={choices}
            value={values[key] ?? ""}
            onChange={(value) => put(key, value || undefined)}
          />
        ) : (
          <Words
            key={key}
            {...words}
            value={values[key] ?? ""}
            onChange={(text) => put(key, text || undefined)}
          />
        ),
      )}
      {props.children}
    </Group>
  );
}

/** Asks for what was typed once the typing rests; follows when the address is changed elsewhere. */
function Words(props: {
  label: string;
  placeholder: string;
  value: string;
  onChange: (text: string) => void;
}) {
  const { value } = props;
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = useDebouncedCallback((text: string) => {
    told.current = text;
    props.onChange(text);
  }, WAIT_MS);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    tell.cancel();
    setTyped(value);
  }, [value, tell]);
  return (
    <TextInput
      label={props.label}
      placeholder={props.placeholder}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value.trim());
      }}
    />
  );
}
