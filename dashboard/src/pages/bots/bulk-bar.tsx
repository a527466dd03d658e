import { Button, Group, Paper, Text } from "@mantine/core";
import { useId } from "react";
import type { BotView } from "~/api/__generated__/schema";
import { refusal } from "~/api/can";
import { BULK_ACTIONS, type BulkAction } from "~/pages/bots/use-bulk";
import { confirmStore } from "~/stores/confirm";
import { t } from "~/texts/en";

const MOST_NAMES = 5;

/** What can be asked of the selected bots; what none of them takes now says why. */
export function BulkBar(props: {
  chosen: readonly BotView[];
  busy: boolean;
  run: (action: BulkAction) => void;
  clear: () => void;
}) {
  const { chosen, run } = props;
  const id = useId();
  const refused = BULK_ACTIONS.flatMap((action) => {
    const whys = chosen.map((bot) => refusal(bot, action));
    const first = whys[0];
    return first && whys.every((why) => why !== null) ? [{ action, why: first }] : [];
  });

  function choose(action: BulkAction): void {
    if (action !== "delete") {
      run(action);
      return;
    }
    const names = chosen.map((bot) => bot.name);
    confirmStore.ask({
      title: t.bots.deleteTitle(chosen.length),
      losses: [
        t.bots.these(names.slice(0, MOST_NAMES), names.length - MOST_NAMES),
        ...t.bots.deleteLosses,
      ],
      action: t.bot.actions.delete,
      word: t.bots.deleteWord(chosen.length),
      // The bar shows how it goes, and which of them could not be deleted.
      onYes: async () => run(action),
    });
  }

  return (
    <Paper withBorder p="sm" mb="md" component="section" aria-label={t.bots.selection}>
      <Group gap="xs">
        <Text fw={600} size="sm" mr="sm" role="status">
          {t.bots.selected(chosen.length)}
        </Text>
        {BULK_ACTIONS.map((action) => {
          const off = props.busy || refused.some((one) => one.action === action);
          return (
            <Button
              key={action}
              size="xs"
              variant="default"
              aria-disabled={off}
              data-disabled={off || undefined}
              aria-describedby={off && !props.busy ? `${id}-${action}` : undefined}
              onClick={() => !off && choose(action)}
            >
              {t.bot.actions[action]}
            </Button>
          );
        })}
        <Button size="xs" variant="subtle" onClick={props.clear}>
          {t.bots.clearSelection}
        </Button>
      </Group>
      {!props.busy &&
        refused.map(({ action, why }) => (
          <Text key={action} id={`${id}-${action}`} size="sm" className="quiet" mt={4}>
            {t.bots.refused(t.bot.actions[action], t.bot.reasons[why])}
          </Text>
        ))}
    </Paper>
  );
}
