import { Card, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** A titled card, one topic of a page. */
export function Section(props: { title: string; children: ReactNode }) {
  return (
    <Card withBorder component="section" aria-label={props.title}>
      <Title order={2} size="h5" mb="sm">
        {props.title}
      </Title>
      {props.children}
    </Card>
  );
}
