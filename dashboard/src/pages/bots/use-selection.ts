import { useMemo, useState } from "react";
import type { BotView } from "~/api/__generated__/schema";
import type { Selection } from "~/pages/bots/columns";

const NONE: ReadonlySet<string> = new Set();

/** Which of the bots `among` are ticked. One that is filtered away is not asked unseen. */
export function useSelection(among: readonly BotView[]) {
  const [ticked, setTicked] = useState(NONE);
  const chosen = useMemo(() => among.filter((bot) => ticked.has(bot.id)), [among, ticked]);
  const ids = useMemo(() => new Set(chosen.map((bot) => bot.id)), [chosen]);
  const select: Selection["select"] = (bots, selected) => {
    const next = new Set(ids);
    for (const { id } of bots) {
      if (selected) next.add(id);
      else next.delete(id);
    }
    setTicked(next);
  };
  return { among, ids, chosen, select, clear: () => setTicked(NONE) };
}
