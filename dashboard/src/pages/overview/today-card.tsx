import { Progress, Text } from "@mantine/core";
import { api } from "~/api/client";
import { Fault } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { useTrend } from "~/pages/overview/use-trend";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { Facts } from "~/ui/facts";
import { Section } from "~/ui/section";
import { count, roughly, usd } from "~/util/format";

/** Calls, tokens and cost of today, and how much of the workspace's budget is used. */
export function TodayCard() {
  const trend = useTrend();
  const today = trend.data?.days.at(-1);
  return (
    <Section title={t.overview.today}>
      {trend.isPending && <LoadingRows label={t.common.loading} rows={3} />}
      {!trend.data && trend.error !== null && (
        <Fault error={trend.error} onRetry={() => trend.refetch()} />
      )}
      {today && (
        <Facts
          label={t.overview.today}
          rows={[
            [
              t.overview.calls,
              today.failed
                ? `${count(today.calls)} (${count(today.failed)} ${t.overview.failed})`
                : count(today.calls),
            ],
            [t.overview.tokens, `${roughly(today.input_tokens)} / ${roughly(today.output_tokens)}`],
            [t.overview.cost, usd(today.cost_usd, 4)],
          ]}
        />
      )}
      {today !== undefined && today.unpriced_calls > 0 && (
        <Text size="sm">{t.overview.unpriced(today.unpriced_calls)}</Text>
      )}
      {useHolds("budget:read") && <Budget />}
    </Section>
  );
}

function Budget() {
  const budgets = api.useQuery("get", "/v1/budgets");
  const budget = budgets.data?.items.find((one) => one.scope_kind === "workspace");
  if (!budgets.data && budgets.error !== null)
    return <Fault error={budgets.error} onRetry={() => budgets.refetch()} />;
  if (!budget) return null;
  const used = (Number(budget.spent_usd) / Number(budget.limit_usd)) * 100;
  const words = t.overview.budget(usd(budget.spent_usd, 4), usd(budget.limit_usd), budget.period);
  return (
    <>
      <Text size="sm" mt="sm" mb={4}>
        {`${t.overview.workspaceBudget}: ${words}`}
      </Text>
      <Progress value={used} color={used > 80 ? "red" : undefined} aria-label={words} />
    </>
  );
}
