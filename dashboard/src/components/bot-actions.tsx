import { Button, Menu, Text } from "@mantine/core";
import type { BotView } from "~/api/__generated__/schema";
import { type BotAction, refusal, SCOPE } from "~/api/can";
import { fetcher, queryClient } from "~/api/client";
import { tellDone, tellFault } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { confirmStore } from "~/stores/confirm";
import { t } from "~/texts/en";

type Verb = Exclude<BotAction, "edit" | "chat">;
const VERBS = Object.keys(t.bot.actions) as Verb[];

async function ask(bot: BotView, verb: Verb): Promise<void> {
  const params = { params: { path: { bot: bot.name } } };
  if (verb === "delete") await fetcher.DELETE("/v1/bots/{bot}", params);
  else await fetcher.POST(`/v1/bots/{bot}/${verb}`, params);
  tellDone(t.bot.asked(t.bot.actions[verb], bot.name));
  await queryClient.invalidateQueries({
    predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/v1/bots"),
  });
}

function choose(bot: BotView, verb: Verb): void {
  if (verb !== "kill" && verb !== "delete") {
    ask(bot, verb).catch(tellFault);
    return;
  }
  confirmStore.ask({
    title: t.bot.confirm[verb](bot.name),
    losses: t.bot.losses[verb],
    action: t.bot.actions[verb],
    word: verb === "delete" ? bot.name : undefined,
    onYes: () => ask(bot, verb),
  });
}

/** What can be asked of a bot: without the scope not shown, not possible now says why. */
export function BotActions({ bot }: { bot: BotView }) {
  const write = useHolds("bot:write", bot.fleet);
  const kill = useHolds("bot:kill", bot.fleet);
  const verbs = VERBS.filter((verb) => (SCOPE[verb] === "bot:kill" ? kill : write));
  if (verbs.length === 0) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default">{t.bot.menu}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {verbs.map((verb) => {
          const why = refusal(bot, verb);
          return (
            <Menu.Item key={verb} disabled={why !== null} onClick={() => choose(bot, verb)}>
              {t.bot.actions[verb]}
              {why && <Text size="xs">{t.bot.reasons[why]}</Text>}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
