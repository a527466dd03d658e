import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTitle } from "~/ui/use-title";

/**
 * The top of a page: its one h1, a line under it, and what can be done here. The title of the
 * window is the same, after the `part` where several pages have one head.
 */
export function PageHead(props: {
  title: string;
  part?: string;
  lead?: ReactNode;
  actions?: ReactNode;
}) {
  useTitle(props.part ? `${props.part} · ${props.title}` : props.title);
  return (
    <Group justify="space-between" align="flex-start" mb="lg" gap="sm">
      <Stack gap={2}>
        <Title order={1} size="h2">
          {props.title}
        </Title>
        {props.lead && (
          <Text component="div" className="quiet">
            {props.lead}
          </Text>
        )}
      </Stack>
      {props.actions && <Group gap="xs">{props.actions}</Group>}
    </Group>
  );
}
