import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { BotView } from "~/api/__generated__/schema";
import { type Refusal, refusal } from "~/api/can";
import { fetcher } from "~/api/client";
import { asFault } from "~/api/faults";

export const BULK_ACTIONS = ["start", "stop", "restart", "delete"] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

/** How something asked of many bots goes: of each that it did not reach, why. */
export interface Bulk {
  action: BulkAction;
  asked: number;
  answered: number;
  failed: readonly { bot: BotView; error: unknown }[];
  left: readonly { bot: BotView; why: Refusal }[];
}

/** Few enough that other people's requests are served between ours. */
const AT_ONCE = 4;

/** Ask something of many bots, a few at a time; one that refuses does not stop the others. */
export function useBulk() {
  const client = useQueryClient();
  const [bulk, setBulk] = useState<Bulk | null>(null);

  async function run(action: BulkAction, bots: readonly BotView[]): Promise<void> {
    const queue: BotView[] = [];
    const left: { bot: BotView; why: Refusal }[] = [];
    for (const bot of bots) {
      const why = refusal(bot, action);
      if (why === null) queue.push(bot);
      else left.push({ bot, why });
    }
    setBulk({ action, asked: queue.length, answered: 0, failed: [], left });

    async function work(): Promise<void> {
      for (let bot = queue.shift(); bot; bot = queue.shift()) {
        const error = await ask(action, bot.id).catch(asFault);
        const failure = error ? [{ bot, error }] : [];
        setBulk(
          (now) =>
            now && {
              ...now,
              answered: now.answered + 1,
              failed: [...now.failed, ...failure],
            },
        );
      }
    }

    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await client.invalidateQueries();
  }

  return { bulk, run, forget: () => setBulk(null) };
}

/** Nothing when it was done, and thrown what was wrong when not. */
async function ask(action: BulkAction, bot: string): Promise<undefined> {
  const params = { params: { path: { bot } } };
  if (action === "delete") await fetcher.DELETE("/v1/bots/{bot}", params);
  else await fetcher.POST(`/v1/bots/{bot}/${action}`, params);
}
