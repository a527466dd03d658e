import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { t } from "~/texts/en";

const CONCERNED = "[aria-invalid=true], [data-concerned] input";

/**
 * A step: its question, its fields, and the way on. It begins at its heading, or at the field that
 * something is wrong with. Enter in a field goes on.
 */
export function StepFrame(props: {
  title: string;
  lead: string;
  children: ReactNode;
  /** Forms of their own, which may not stand within the step's. */
  beside?: ReactNode;
  onNext: () => unknown;
  onBack?: () => void;
  nextLabel?: string;
  /** Why it cannot go on now; null when it can. */
  why?: string | null;
  busy?: boolean;
  /** False while what the fields offer is not there yet. */
  ready?: boolean;
}) {
  const { ready = true, why = null } = props;
  const form = useId();
  const frame = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!ready) return;
    (frame.current?.querySelector<HTMLElement>(CONCERNED) ?? heading.current)?.focus();
  }, [ready]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (why === null && !props.busy) props.onNext();
  }

  return (
    <Stack role="group" aria-label={props.title} ref={frame} maw={860}>
      <div>
        <Title order={2} size="h3" ref={heading} tabIndex={-1} style={{ outline: "none" }}>
          {props.title}
        </Title>
        <Text className="quiet">{props.lead}</Text>
      </div>
      <form id={form} onSubmit={submit}>
        <Stack>{props.children}</Stack>
      </form>
      {props.beside}
      <Group>
        {props.onBack && (
          <Button variant="default" onClick={props.onBack}>
            {t.wizard.back}
          </Button>
        )}
        <Button
          type="submit"
          form={form}
          disabled={why !== null}
          loading={props.busy}
          aria-describedby={why === null ? undefined : `${form}-why`}
        >
          {props.nextLabel ?? t.wizard.next}
        </Button>
        {why !== null && (
          <Text size="sm" className="quiet" id={`${form}-why`}>
            {why}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
