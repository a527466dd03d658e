import { NativeSelect } from "@mantine/core";
import type { Ref } from "react";

type Option = string | { value: string; label: string };

/**
 * One of several, by the browser's own list: it works with every keyboard, reader and phone, and
 * finds what one types. With a `placeholder` none may be chosen, which is then the empty word.
 */
export function Choice(props: {
  label: string;
  data: readonly Option[];
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  error?: string | undefined;
  ref?: Ref<HTMLSelectElement>;
}) {
  const { data, placeholder, onChange, ...field } = props;
  const none: readonly Option[] =
    placeholder === undefined ? [] : [{ value: "", label: placeholder }];
  return (
    <NativeSelect
      {...field}
      data={[...none, ...data]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
