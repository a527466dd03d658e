import { Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { purposeOf, type StartKey } from "~/pages/wizard/draft";
import { StepFrame } from "~/pages/wizard/step-frame";
import type { StepProps } from "~/pages/wizard/step-props";
import { useName } from "~/pages/wizard/use-name";
import { confirmStore } from "~/stores/confirm";
import { t } from "~/texts/en";
import { Choices } from "~/ui/choices";

const STARTS = Object.entries(t.wizard.purpose.starts).map(([value, start]) => ({
  value,
  label: start.label,
  note: start.note,
}));

/** What the bot is called and what it is for. */
export function PurposeStep({ draft, issues, change, onNext }: StepProps) {
  const { name, problem, isFree } = useName(draft);
  const [busy, setBusy] = useState(false);
  const { persona, goals } = purposeOf(draft);

  function begin(start: string): void {
    const fill = () => change({ start: start as StartKey, persona: null, goals: null });
    if (draft.persona === null && draft.goals === null) fill();
    else
      confirmStore.ask({
        title: t.wizard.purpose.replaceTitle,
        losses: t.wizard.purpose.replaceLosses,
        action: t.wizard.purpose.replace,
        onYes: async () => fill(),
      });
  }

  async function next(): Promise<void> {
    setBusy(true);
    const free = await isFree();
    setBusy(false);
    if (!free) return;
    if (draft.name !== name) change({ name });
    onNext();
  }

  return (
    <StepFrame
      title={t.wizard.purpose.title}
      lead={t.wizard.purpose.lead}
      onNext={next}
      busy={busy}
      why={problem === null ? null : t.wizard.purpose.why}
    >
      <Choices
        legend={t.wizard.purpose.start}
        choices={STARTS}
        value={draft.start}
        onChange={begin}
      />
      <TextInput
        label={t.wizard.purpose.name}
        description={t.wizard.purpose.nameHint}
        error={issues.name ?? problem}
        maw={420}
        autoComplete="off"
        spellCheck={false}
        maxLength={63}
        value={name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <Textarea
        label={t.wizard.purpose.persona}
        description={t.wizard.purpose.personaHint}
        error={issues.persona}
        autosize
        minRows={2}
        maxRows={12}
        maxLength={16_000}
        value={persona}
        onChange={(event) => change({ persona: event.currentTarget.value })}
      />
      <Textarea
        label={t.wizard.purpose.goals}
        description={t.wizard.purpose.goalsHint}
        error={issues.goals}
        autosize
        minRows={2}
        maxRows={12}
        value={goals}
        onChange={(event) => change({ goals: event.currentTarget.value })}
      />
    </StepFrame>
  );
}
