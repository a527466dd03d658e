import { Button, Card, Group, Stack, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { TurnView } from "~/api/__generated__/schema";
import { refusal, SCOPE } from "~/api/can";
import { api, fetcher } from "~/api/client";
import { KEYSET } from "~/api/listing";
import classes from "~/components/chat.module.css";
import { Fault, tellFault } from "~/components/fault";
import { Turn } from "~/components/turn";
import { useHolds } from "~/components/use-me";
import { useOnce } from "~/components/use-once";
import { isOpen } from "~/live/answer";
import { t } from "~/texts/en";
import { EmptyState, LoadingRows } from "~/ui/drawn-states";
import { FollowEnd } from "~/ui/follow-end";

/**
 * Talking to a bot: what was said, the newest last, and a place to say more.
 * With `focus` that place has the focus at once, where talking is all that is left to do.
 */
export function Chat({ name, focus }: { name: string; focus?: boolean }) {
  const [sent, setSent] = useState(0);
  const turns = api.useInfiniteQuery(
    "get",
    "/v1/bots/{bot}/turns",
    { params: { path: { bot: name }, query: { limit: 20 } } },
    KEYSET,
  );
  if (turns.isPending) return <LoadingRows label={t.common.loading} />;
  if (!turns.data) return <Fault error={turns.error} onRetry={() => turns.refetch()} />;
  const said = turns.data.pages.flatMap((page) => page.items).toReversed();
  // One at a time: a browser holds few connections to one host, and a bot answers in order.
  const followed = said.find(isOpen)?.id;
  return (
    <Stack maw={760}>
      <FollowEnd label={t.bot.chat} className={classes.history} again={sent}>
        <Stack>
          {turns.hasNextPage && (
            <Button
              variant="default"
              onClick={() => turns.fetchNextPage()}
              loading={turns.isFetchingNextPage}
            >
              {t.bot.older}
            </Button>
          )}
          {turns.isFetchNextPageError && (
            <Text size="sm" role="alert">
              {t.common.partial(1)}
            </Text>
          )}
          {said.length === 0 && <EmptyState title={t.bot.chat} text={t.bot.noTurns} />}
          <Stack component="ol" aria-label={t.bot.history} p={0} m={0} className={classes.turns}>
            {said.map((turn: TurnView) => (
              <Turn key={turn.id} turn={turn} bot={name} follow={turn.id === followed} />
            ))}
          </Stack>
        </Stack>
      </FollowEnd>
      <Composer name={name} focus={focus} onSent={() => setSent((times) => times + 1)} />
    </Stack>
  );
}

function Composer(props: { name: string; focus?: boolean | undefined; onSent: () => void }) {
  const { name, focus = false } = props;
  const { once, done } = useOnce();
  const client = useQueryClient();
  const bot = api.useQuery("get", "/v1/bots/{bot}", { params: { path: { bot: name } } });
  const mayChat = useHolds(SCOPE.chat, bot.data?.fleet);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const there = bot.data !== undefined;
  useEffect(() => {
    if (focus && there) box.current?.focus();
  }, [focus, there]);
  if (!bot.data || !mayChat) return null;
  const why = refusal(bot.data, "chat");

  async function send(event?: FormEvent): Promise<void> {
    event?.preventDefault();
    if (!text.trim() || busy) return;
    setBusy(true);
    const body = { text, timeout_s: 300 };
    try {
      await fetcher.POST("/v1/bots/{bot}/turns", {
        params: { path: { bot: name }, header: once(body) },
        body,
      });
      done();
      setText("");
      props.onSent();
      await client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[1] === "/v1/bots/{bot}/turns",
      });
    } catch (thrown) {
      tellFault(thrown);
    } finally {
      setBusy(false);
    }
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <Card withBorder component="form" onSubmit={send}>
      <Textarea
        ref={box}
        label={t.bot.say}
        description={why === null ? t.bot.sayHint : t.bot.reasons[why]}
        autosize
        minRows={2}
        maxRows={10}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKey}
        disabled={why !== null}
      />
      <Group justify="space-between" mt="sm">
        <Text size="sm" className="quiet">
          {t.states.bot[bot.data.state]}
        </Text>
        <Button type="submit" loading={busy} disabled={why !== null || !text.trim()}>
          {t.bot.send}
        </Button>
      </Group>
    </Card>
  );
}
