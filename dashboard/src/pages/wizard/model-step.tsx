import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { Fault } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { AnotherModel } from "~/pages/wizard/another-model";
import { StepFrame } from "~/pages/wizard/step-frame";
import type { StepProps } from "~/pages/wizard/step-props";
import { ANOTHER, firstChoice, useModels } from "~/pages/wizard/use-models";
import { t } from "~/texts/en";
import { Choices } from "~/ui/choices";
import { EmptyState, LoadingRows } from "~/ui/drawn-states";

/** Which model it thinks with: one that is there, or, for who may, one that is added here. */
export function ModelStep(props: StepProps) {
  return useHolds("provider:read") ? <Listed {...props} /> : <Named {...props} />;
}

function Listed({ draft, issues, change, onNext, onBack }: StepProps) {
  const mayAdd = useHolds("provider:write");
  const models = useModels();
  const [another, setAnother] = useState(false);
  const [added, setAdded] = useState("");
  const chosen = draft.model ?? firstChoice(models.choices);
  const usable = models.choices.some((one) => one.value === chosen && !one.disabled);
  const extra = { value: ANOTHER, label: t.wizard.model.another, note: t.wizard.model.anotherNote };

  function choose(model: string): void {
    setAnother(model === ANOTHER);
    if (model !== ANOTHER) change({ model });
  }

  function add(model: string): void {
    setAdded(model);
    choose(model);
  }

  function next(): void {
    if (draft.model !== chosen) change({ model: chosen });
    onNext();
  }

  return (
    <StepFrame
      title={t.wizard.model.title}
      lead={t.wizard.model.lead}
      onNext={next}
      onBack={onBack}
      ready={!models.isPending}
      why={usable && !another ? null : t.wizard.model.why}
      beside={another && <AnotherModel models={models} onAdded={add} onDemo={add} />}
    >
      {models.isPending && <LoadingRows label={t.common.loading} rows={3} />}
      {!models.isLoaded && models.error !== null && (
        <Fault error={models.error} onRetry={models.refetch} />
      )}
      {models.isLoaded && models.choices.length === 0 && !mayAdd && (
        <EmptyState title={t.wizard.model.model} text={t.wizard.model.none} />
      )}
      {models.isLoaded && (
        <Choices
          legend={t.wizard.model.model}
          choices={mayAdd ? [...models.choices, extra] : models.choices}
          value={another ? ANOTHER : chosen}
          onChange={choose}
          error={issues.model}
          focusOn={another ? "" : added}
        />
      )}
      {models.hasMore && (
        <Button variant="default" onClick={models.readMore} style={{ alignSelf: "flex-start" }}>
          {t.wizard.model.more}
        </Button>
      )}
    </StepFrame>
  );
}

/** For who may not see the models: a grant on a fleet cannot carry that. */
function Named({ draft, issues, change, onNext, onBack }: StepProps) {
  return (
    <StepFrame
      title={t.wizard.model.title}
      lead={t.wizard.model.unread}
      onNext={onNext}
      onBack={onBack}
      why={draft.model === "" ? t.wizard.model.why : null}
    >
      <TextInput
        label={t.wizard.model.model}
        error={issues.model}
        maw={420}
        value={draft.model ?? "demo"}
        onChange={(event) => change({ model: event.currentTarget.value })}
      />
    </StepFrame>
  );
}
