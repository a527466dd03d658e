import { Group, Text } from "@mantine/core";

/** Something to tick: the browser's own box, with its words as the label. */
export function Tick(props: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <Group component="label" gap="xs" wrap="nowrap" align="flex-start">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <Text size="sm" component="span">
        {props.label}
      </Text>
    </Group>
  );
}
