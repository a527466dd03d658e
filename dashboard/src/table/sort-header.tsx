import { UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";

/** A column's header that sorts: pressing it again turns the order. */
export function SortHeader(props: {
  label: string;
  sorted: "ascending" | "descending" | "none";
  onSort: () => void;
}) {
  return (
    <UnstyledButton onClick={props.onSort} fz="sm" fw={600}>
      {props.label}
      {props.sorted === "ascending" && <IconArrowUp size={12} aria-hidden />}
      {props.sorted === "descending" && <IconArrowDown size={12} aria-hidden />}
    </UnstyledButton>
  );
}
