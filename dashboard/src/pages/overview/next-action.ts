import type { BotsSummary, MeView } from "~/api/__generated__/schema";
import { t } from "~/texts/en";
import { pb } from "~/util/path-builder";

export interface NextAction {
  label: string;
  to: string;
}

/** The one most useful thing to do now, the most urgent first; null when there is none. */
export function nextAction(me: MeView, summary: BotsSummary): NextAction | null {
  const unwell = summary.unwell[0];
  if (unwell) return { label: t.overview.nextUnwell(unwell.name), to: pb.bot(unwell.name) };
  if (!me.has_password) return { label: t.overview.nextPassword, to: pb.settings() };
  return null;
}
