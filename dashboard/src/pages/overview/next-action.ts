import type { BotsSummary, BudgetView, MeView, RouteView } from "~/api/__generated__/schema";
import { holds } from "~/api/session";
import { t } from "~/texts/en";
import { pb } from "~/util/path-builder";

export interface NextAction {
  label: string;
  to: string;
}

/**
 * The one most useful thing to do now, the most urgent first; null when there is none.
 * What could not be read is undefined and suggests nothing.
 */
export function nextAction(known: {
  me: MeView;
  summary: BotsSummary;
  routes: readonly RouteView[] | undefined;
  demoProviders: ReadonlySet<string> | undefined;
  budgets: readonly BudgetView[] | undefined;
}): NextAction | null {
  const { me, summary, routes, demoProviders, budgets } = known;
  const unwell = summary.unwell[0];
  if (unwell) return { label: t.overview.nextUnwell(unwell.name), to: pb.bot(unwell.name) };
  const onlyDemo = routes?.every((route) => demoProviders?.has(route.provider_id));
  if (onlyDemo && demoProviders && holds(me, "provider:write"))
    return { label: t.overview.nextModel, to: pb.providers() };
  const bounded = budgets?.some((budget) => budget.scope_kind === "workspace");
  if (bounded === false && holds(me, "budget:write"))
    return { label: t.overview.nextBudget, to: pb.about() };
  if (!me.has_password) return { label: t.overview.nextPassword, to: pb.settings() };
  return null;
}
