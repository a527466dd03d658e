import { Alert, Button, Group, List, Paper, Progress, Text } from "@mantine/core";
import type { BotView } from "~/api/__generated__/schema";
import { faultWords } from "~/components/fault";
import type { Bulk } from "~/pages/bots/use-bulk";
import { t } from "~/texts/en";

/** How it goes with what was asked of many bots, and by name with which it did not go. */
export function BulkResult(props: {
  bulk: Bulk;
  again: (bots: readonly BotView[]) => void;
  forget: () => void;
}) {
  const { action, asked, answered, failed, left } = props.bulk;
  const ended = answered === asked;
  const name = t.bot.actions[action];
  return (
    <Paper withBorder p="sm" mb="md" component="section" aria-label={t.bots.result}>
      <Group gap="sm" justify="space-between">
        <Text size="sm" role="status">
          {ended
            ? t.bots.ended(name, answered - failed.length, asked)
            : t.bots.underWay(name, answered, asked)}
        </Text>
        {ended && (
          <Button size="xs" variant="subtle" onClick={props.forget}>
            {t.common.close}
          </Button>
        )}
      </Group>
      {!ended && <Progress value={(100 * answered) / asked} mt="xs" aria-label={t.bots.result} />}
      {left.length > 0 && (
        <List size="sm" mt="xs" aria-label={t.bots.left}>
          {left.map(({ bot, why }) => (
            <List.Item key={bot.id}>{t.bots.leftOne(bot.name, t.bot.reasons[why])}</List.Item>
          ))}
        </List>
      )}
      {failed.length > 0 && (
        <Alert color="red" mt="xs" role="alert" title={t.bots.failed(failed.length)}>
          <List size="sm" style={{ overflowWrap: "anywhere" }}>
            {failed.map(({ bot, error }) => (
              <List.Item key={bot.id}>{`${bot.name}: ${faultWords(error)}`}</List.Item>
            ))}
          </List>
          {ended && (
            <Button
              size="xs"
              mt="sm"
              variant="default"
              onClick={() => props.again(failed.map(({ bot }) => bot))}
            >
              {t.bots.again}
            </Button>
          )}
        </Alert>
      )}
    </Paper>
  );
}
