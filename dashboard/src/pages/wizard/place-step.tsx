import { Text, TextInput } from "@mantine/core";
import type { Isolation } from "~/api/__generated__/schema";
import { Fault } from "~/components/fault";
import { StepFrame } from "~/pages/wizard/step-frame";
import type { StepProps } from "~/pages/wizard/step-props";
import { usePlaces } from "~/pages/wizard/use-places";
import { t } from "~/texts/en";
import { Choices } from "~/ui/choices";
import { LoadingRows } from "~/ui/drawn-states";
import { count } from "~/util/format";

/** Where it runs, as what, and how far it is kept from the machine. */
export function PlaceStep({ draft, issues, change, onNext, onBack }: StepProps) {
  const places = usePlaces(draft);
  const { target, runtime, isolation, memory, least } = places;
  const tight = target?.free_mb != null && places.memoryOk && Number(memory) > target.free_mb;
  const why = places.isolationOk
    ? places.memoryOk
      ? null
      : t.wizard.place.whyMemory
    : t.wizard.place.whyIsolation;

  function next(): void {
    if (!target || !runtime) return;
    const shown = { target: target.name, runtime: runtime.name, isolation, memory };
    const { fleet } = places;
    const same = Object.entries({ ...shown, fleet }).every(
      ([name, value]) => draft[name as keyof typeof shown] === value,
    );
    if (!same) change({ ...shown, fleet });
    onNext();
  }

  return (
    <StepFrame
      title={t.wizard.place.title}
      lead={t.wizard.place.lead}
      onNext={next}
      onBack={onBack}
      ready={!places.isPending}
      why={places.isLoaded ? why : t.common.loading}
    >
      {places.isPending && <LoadingRows label={t.common.loading} rows={4} />}
      {!places.isLoaded && places.error !== null && (
        <Fault error={places.error} onRetry={places.refetch} />
      )}
      {places.isLoaded && (
        <>
          <Choices
            legend={t.wizard.place.target}
            choices={places.targets}
            value={target?.name ?? ""}
            onChange={(name) => change({ target: name, isolation: null })}
            error={issues.target}
          />
          <Choices
            legend={t.wizard.place.runtime}
            choices={places.runtimes}
            value={runtime?.name ?? ""}
            onChange={(name) => change({ runtime: name, memory: null })}
            error={issues.runtime}
          />
          <Choices
            legend={t.wizard.place.isolation}
            choices={places.isolations}
            value={isolation}
            onChange={(kind) => change({ isolation: kind as Isolation })}
            error={issues.isolation}
          />
          {places.fleets.length > 1 && (
            <Choices
              legend={t.wizard.place.fleet}
              choices={places.fleets}
              value={places.fleet}
              onChange={(fleet) => change({ fleet })}
              error={issues.fleet}
            />
          )}
          <TextInput
            label={t.wizard.place.memoryField}
            description={t.wizard.place.memoryHint(count(least))}
            error={
              issues.resources ??
              (places.memoryOk ? null : t.wizard.place.memoryWrong(count(least)))
            }
            inputMode="numeric"
            maw={200}
            value={memory}
            onChange={(event) => change({ memory: event.currentTarget.value })}
          />
          {tight && <Text size="sm">{t.wizard.place.tight(count(target.free_mb ?? 0))}</Text>}
        </>
      )}
    </StepFrame>
  );
}
