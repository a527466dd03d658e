import type { BotsSummary, BudgetView, MeView, ProviderView } from "~/api/__generated__/schema";
import { t } from "~/texts/en";
import { pb } from "~/util/path-builder";

export interface NextAction {
  label: string;
  to: string;
}

/**
 * The one most useful thing to do now, the most urgent first; null when there is none.
 * Providers and budgets are given for who may change them, once they are known.
 */
export function nextAction(
  me: MeView,
  summary: BotsSummary,
  providers: readonly ProviderView[] | undefined,
  budgets: readonly BudgetView[] | undefined,
): NextAction | null {
  const unwell = summary.unwell[0];
  if (unwell) return { label: t.overview.nextUnwell(unwell.name), to: pb.bot(unwell.name) };
  if (!me.has_password) return { label: t.overview.nextPassword, to: pb.settings() };
  if (providers?.every((one) => one.demo))
    return { label: t.overview.nextModel, to: pb.providers() };
  if (budgets && !budgets.some((one) => one.scope_kind === "workspace"))
    return { label: t.overview.nextBudget, to: pb.about() };
  return null;
}
