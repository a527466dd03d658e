import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { BudgetView, Period } from "~/api/__generated__/schema";
import { fetcher, queryClient } from "~/api/client";
import { Fault, tellDone } from "~/components/fault";
import { useSending } from "~/components/use-sending";
import { t } from "~/texts/en";
import { Choice } from "~/ui/choice";

const PERIODS = Object.entries(t.about.periods).map(([value, label]) => ({ value, label }));

/** Sets what the workspace may spend, where there was a limit and where there was none. */
export function BudgetForm({ budget }: { budget: BudgetView | undefined }) {
  const [limit, setLimit] = useState(budget?.limit_usd ?? "");
  const [period, setPeriod] = useState<Period>(budget?.period ?? "day");
  const { busy, fault, send } = useSending();

  async function set(event: FormEvent): Promise<void> {
    event.preventDefault();
    const done = await send(async () => {
      await fetcher.PUT("/v1/budgets/workspace", { body: { limit_usd: limit, period } });
      await queryClient.invalidateQueries({ queryKey: ["get", "/v1/budgets"] });
    });
    if (done) tellDone(t.about.budgetSet);
  }

  return (
    <form onSubmit={set}>
      <Group align="flex-end" mt="sm" mb={fault === null ? undefined : "sm"}>
        <TextInput
          label={t.about.limitUsd}
          inputMode="decimal"
          required
          value={limit}
          onChange={(event) => setLimit(event.currentTarget.value)}
        />
        <Choice
          label={t.about.period}
          data={PERIODS}
          value={period}
          onChange={(value) => setPeriod(value as Period)}
        />
        <Button type="submit" variant="default" loading={busy}>
          {t.about.set}
        </Button>
      </Group>
      {fault !== null && <Fault error={fault} />}
    </form>
  );
}
