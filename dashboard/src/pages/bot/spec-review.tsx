import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { AppliedView, BotSpec } from "~/api/__generated__/schema";
import { fetcher } from "~/api/client";
import { asFault } from "~/api/faults";
import { Fault, tellDone } from "~/components/fault";
import { PlanDiff } from "~/components/plan-diff";
import type { useEdit } from "~/pages/bot/use-edit";
import { t } from "~/texts/en";
import { Section } from "~/ui/section";

/** The code of an edit that read an older version than the bot has now. */
const STALE = "stale";

/** What would change, as the server computes it, and the button that does it. */
export function SpecReview(props: {
  plan: AppliedView;
  edit: ReturnType<typeof useEdit>;
  onBack: () => void;
  onDone: () => void;
  onRefused: (thrown: unknown) => void;
}) {
  const { plan, edit } = props;
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  const path = { bot: edit.base.id };

  async function apply(): Promise<void> {
    setBusy(true);
    setFault(null);
    try {
      const spec = edit.spec as unknown as BotSpec;
      await fetcher.PUT("/v1/bots/{bot}", {
        params: { path },
        body: { spec, version: edit.base.version },
      });
      tellDone(t.configuration.applied(plan.name));
      await client.invalidateQueries();
      props.onDone();
      props.onBack();
    } catch (thrown) {
      if (asFault(thrown).issues.length > 0) props.onRefused(thrown);
      else setFault(thrown);
    } finally {
      setBusy(false);
    }
  }

  async function load(): Promise<void> {
    setBusy(true);
    try {
      const { data } = await fetcher.GET("/v1/bots/{bot}", { params: { path } });
      if (data) edit.load(data);
      props.onBack();
    } catch (thrown) {
      setFault(thrown);
    } finally {
      setBusy(false);
    }
  }

  const stale = asFault(fault).code === STALE;
  return (
    <Section title={t.configuration.reviewTitle}>
      <Stack ref={place} tabIndex={-1}>
        <PlanDiff plan={plan} />
        {plan.outcome === "changed" && (
          <Text size="sm" className="quiet">
            {t.configuration.restarts}
          </Text>
        )}
        {stale && (
          <Alert color="orange" role="alert" title={t.configuration.stale}>
            <Text size="sm" mb="sm">
              {t.configuration.staleText}
            </Text>
            <Button size="xs" onClick={load} loading={busy}>
              {t.configuration.load}
            </Button>
          </Alert>
        )}
        {fault !== null && !stale && <Fault error={fault} onRetry={apply} />}
        <Group>
          {plan.outcome === "changed" && !stale && (
            <Button onClick={apply} loading={busy}>
              {t.configuration.apply}
            </Button>
          )}
          <Button variant="default" onClick={props.onBack}>
            {t.configuration.back}
          </Button>
        </Group>
      </Stack>
    </Section>
  );
}
