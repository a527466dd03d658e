import { Alert, Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fetcher } from "~/api/client";
import { asFault } from "~/api/faults";
import { Fault } from "~/components/fault";
import { TextLink } from "~/components/links";
import { PlanDiff } from "~/components/plan-diff";
import { type Step, specOf } from "~/pages/wizard/draft";
import { type Issues, issuesOf, STEP_OF } from "~/pages/wizard/issues";
import { StepFrame } from "~/pages/wizard/step-frame";
import type { StepProps } from "~/pages/wizard/step-props";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";

/** What would be made, as the server says it; what is wrong leads back to where it was said. */
export function ReviewStep(
  props: StepProps & {
    onMade: (name: string) => void;
    onAsked: () => void;
    onMend: (step: Step, issues: Issues) => void;
  },
) {
  const { draft } = props;
  const spec = specOf(draft);
  const plan = useQuery({
    queryKey: ["post", "/v1/apply", spec],
    queryFn: async () => {
      const body = { dry_run: true, manifests: [{ ...spec, kind: "bot" as const }] };
      return (await fetcher.POST("/v1/apply", { body })).data?.items[0] ?? null;
    },
    staleTime: 0,
    gcTime: 0,
  });
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const isNew = plan.data?.outcome === "created";
  // Asked for without an answer, the bot that is there may be this one: asking again tells.
  const taken = plan.data != null && !isNew && !draft.sent;

  async function make(): Promise<void> {
    setBusy(true);
    setFault(null);
    props.onAsked();
    try {
      const { data } = await fetcher.POST("/v1/bots", {
        params: { header: { "Idempotency-Key": draft.key } },
        body: spec,
      });
      props.onMade(data?.name ?? spec.name);
    } catch (thrown) {
      setFault(thrown);
      setBusy(false);
    }
  }

  const wrong = fault ?? plan.error;
  const issues = taken
    ? { name: t.wizard.review.taken(spec.name) }
    : wrong === null
      ? {}
      : issuesOf(asFault(wrong));
  const mayMake = plan.data != null && !taken;
  return (
    <StepFrame
      title={t.wizard.review.title}
      lead={t.wizard.review.lead}
      onNext={make}
      onBack={props.onBack}
      nextLabel={t.wizard.review.make}
      busy={busy}
      why={mayMake ? null : plan.isFetching ? t.wizard.review.checking : t.wizard.review.why}
    >
      {plan.isPending && <LoadingRows label={t.wizard.review.checking} rows={4} />}
      {plan.data && !taken && <PlanDiff plan={plan.data} />}
      {taken && (
        <Alert color="red" role="alert" title={t.wizard.review.wrong}>
          <Text size="sm">{issues.name}</Text>
          <TextLink to="/bots/$bot" params={{ bot: spec.name }}>
            {t.wizard.review.openIt(spec.name)}
          </TextLink>
        </Alert>
      )}
      {wrong !== null && (
        <Fault error={wrong} onRetry={fault === null ? () => plan.refetch() : make} />
      )}
      <Mend issues={issues} onMend={props.onMend} />
    </StepFrame>
  );
}

/** The ways back to the steps that something is wrong with. */
function Mend(props: { issues: Issues; onMend: (step: Step, issues: Issues) => void }) {
  const fields = Object.keys(props.issues) as (keyof Issues)[];
  const steps = [...new Set(fields.map((field) => STEP_OF[field]))];
  if (steps.length === 0) return null;
  return (
    <Group>
      {steps.map((step) => (
        <Button key={step} variant="default" onClick={() => props.onMend(step, props.issues)}>
          {t.wizard.review.change(t.wizard.steps[step])}
        </Button>
      ))}
    </Group>
  );
}
