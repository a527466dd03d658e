import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** A part of a page without a frame: its heading, a line under it, what can be done, the content. */
export function Part(props: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section>
      <Group justify="space-between" align="flex-end" mb="sm" gap="sm">
        <Stack gap={2}>
          <Title order={2} size="h4">
            {props.title}
          </Title>
          {props.lead && (
            <Text size="sm" className="quiet">
              {props.lead}
            </Text>
          )}
        </Stack>
        {props.actions}
      </Group>
      {props.children}
    </section>
  );
}
