import type { BotDetail } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { Fault } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { t } from "~/texts/en";
import { Facts } from "~/ui/facts";
import { leafWords, valueAt } from "~/util/document";
import { count, usd } from "~/util/format";

/** What a bot may use, and what it spent of its budget for who may know. */
export function Means({ bot }: { bot: BotDetail }) {
  const { spec } = bot;
  const memory = Number(valueAt(spec, "resources.memory_mb"));
  const exec = leafWords(valueAt(spec, "tools.exec"));
  const limit = leafWords(valueAt(spec, "budget.limit_usd"));
  const period = leafWords(valueAt(spec, "budget.period"));
  const mayBudget = useHolds("budget:read");
  const budgets = api.useQuery(
    "get",
    "/v1/budgets",
    { params: { query: { scope: bot.id } } },
    { enabled: mayBudget },
  );
  const spent = budgets.data?.items[0]?.spent_usd;
  const allowed = t.bot.budgetOf(usd(limit), t.bot.periods[period] ?? period);
  return (
    <>
      <Facts
        label={t.bot.means}
        rows={[
          [t.bot.memory, t.bot.megabytes(count(memory))],
          [t.bot.isolation, t.bot.isolations[bot.isolation] ?? bot.isolation],
          [t.configuration.exec, t.configuration.execWords[exec] ?? exec],
          [t.bot.budget, spent === undefined ? allowed : t.bot.spentOf(usd(spent, 4), allowed)],
        ]}
      />
      {!budgets.data && budgets.error !== null && (
        <Fault error={budgets.error} onRetry={() => budgets.refetch()} />
      )}
    </>
  );
}
