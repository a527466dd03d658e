import { Button, Menu, Text } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId } from "react";
import type { BotView } from "~/api/__generated__/schema";
import { type BotAction, refusal, SCOPE } from "~/api/can";
import { fetcher } from "~/api/client";
import { holds } from "~/api/session";
import classes from "~/components/bot-actions.module.css";
import { tellDone, tellFault } from "~/components/fault";
import { useMe } from "~/components/use-me";
import { confirmStore } from "~/stores/confirm";
import { t } from "~/texts/en";

type Asked = Exclude<BotAction, "chat">;
type Verb = Exclude<Asked, "delete">;
const ASKED = Object.keys(t.bot.actions) as Asked[];

/** What can be asked of one bot: hidden without the scope, disabled with the reason. */
export function BotActions({ bot }: { bot: BotView }) {
  const me = useMe();
  const id = useId();
  const client = useQueryClient();
  const navigate = useNavigate();
  const allowed = ASKED.filter((action) => holds(me, SCOPE[action], bot.fleet));
  if (allowed.length === 0) return null;
  const path = { bot: bot.id };

  async function ask(verb: Verb): Promise<void> {
    await fetcher.POST(`/v1/bots/{bot}/${verb}`, { params: { path } });
    tellDone(t.bot.asked(t.bot.actions[verb], bot.name));
    await client.invalidateQueries();
  }

  async function remove(): Promise<void> {
    await fetcher.DELETE("/v1/bots/{bot}", { params: { path } });
    tellDone(t.bot.asked(t.bot.actions.delete, bot.name));
    await client.invalidateQueries();
    navigate({ to: "/bots" });
  }

  function choose(action: Asked): void {
    if (action === "delete")
      confirmStore.ask({
        title: t.bot.deleteTitle(bot.name),
        losses: t.bot.deleteLosses,
        action: t.bot.actions.delete,
        word: bot.name,
        onYes: remove,
      });
    else if (action === "kill")
      confirmStore.ask({
        title: t.bot.killTitle(bot.name),
        losses: t.bot.killLosses,
        action: t.bot.actions.kill,
        onYes: () => ask("kill"),
      });
    else ask(action).catch(tellFault);
  }

  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
          {t.bot.actionsMenu}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {allowed.map((action) => {
          const why = refusal(bot, action);
          const [label, reason] = [`${id}-${action}`, `${id}-${action}-why`];
          return (
            // Not `disabled`: the arrow keys would pass over it, and nobody would hear why.
            <Menu.Item
              key={action}
              aria-disabled={why !== null}
              aria-labelledby={label}
              aria-describedby={why === null ? undefined : reason}
              className={why === null ? undefined : classes.refused}
              closeMenuOnClick={why === null}
              onClick={() => why === null && choose(action)}
            >
              <span id={label}>{t.bot.actions[action]}</span>
              {why !== null && (
                <Text size="xs" id={reason}>
                  {t.bot.reasons[why]}
                </Text>
              )}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
