import { Button, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";

/** What can be asked of one line of a table. */
export function RowMenu(props: {
  text: string;
  /** Begins with `text`, and names the line. */
  label: string;
  items: readonly { text: string; onClick: () => void }[];
}) {
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="default"
          aria-label={props.label}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {props.text}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {props.items.map((item) => (
          <Menu.Item key={item.text} onClick={item.onClick}>
            {item.text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
