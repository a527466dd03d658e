import { ActionIcon, CopyButton, Group, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** A value people carry elsewhere: shown whole, copied by one click. */
export function Copyable(props: { value: string; copy: string; copied: string }) {
  return (
    <Group gap={4} wrap="nowrap" component="span">
      <span className="mono">{props.value}</span>
      <CopyButton value={props.value} timeout={2000}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? props.copied : props.copy}>
            <ActionIcon
              variant="subtle"
              size="sm"
              onClick={copy}
              aria-label={`${props.copy} ${props.value}`}
            >
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}
