import { Progress, Text } from "@mantine/core";
import type { BudgetView } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { Fault } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { BudgetForm } from "~/pages/settings/budget-form";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { Facts } from "~/ui/facts";
import { Section } from "~/ui/section";
import { usd } from "~/util/format";

/** What the whole workspace may spend, and what it has. */
export function BudgetSection() {
  const mayWrite = useHolds("budget:write");
  const query = api.useQuery("get", "/v1/budgets", { params: { query: { limit: 500 } } });
  const budget = query.data?.items.find((one) => one.scope_kind === "workspace");
  return (
    <Section title={t.about.budget}>
      <Text size="sm" className="quiet" mb="sm">
        {t.about.budgetLead}
      </Text>
      {query.isPending && <LoadingRows label={t.common.loading} rows={3} />}
      {!query.data && query.error !== null && (
        <Fault error={query.error} onRetry={() => query.refetch()} />
      )}
      {budget && <Standing budget={budget} />}
      {query.data && !budget && <Text size="sm">{t.about.noBudget}</Text>}
      {query.data && mayWrite && <BudgetForm key={budget?.id} budget={budget} />}
    </Section>
  );
}

function Standing({ budget }: { budget: BudgetView }) {
  const limit = usd(budget.limit_usd);
  const spent = usd(budget.spent_usd, 4);
  const share =
    Number(budget.limit_usd) > 0 ? Number(budget.spent_usd) / Number(budget.limit_usd) : 1;
  return (
    <>
      <Facts
        label={t.about.budget}
        rows={[
          [t.about.limit, t.about.limitOf(limit, budget.period)],
          [t.about.windows[budget.period], spent],
          [t.about.setAside, usd(budget.set_aside_usd, 4)],
          ...(Number(budget.overdraft_usd) > 0
            ? [[t.about.overdraft, usd(budget.overdraft_usd, 4)] as const]
            : []),
        ]}
      />
      <Progress
        my="sm"
        value={share * 100}
        color={share > 0.8 ? "red" : undefined}
        aria-label={t.about.used(spent, limit)}
      />
    </>
  );
}
