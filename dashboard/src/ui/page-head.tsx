import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** The top of a page: its one h1, a line under it, and what can be done here. */
export function PageHead(props: { title: ReactNode; lead?: ReactNode; actions?: ReactNode }) {
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
