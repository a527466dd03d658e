import { Card, Group, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import type { CommandState, TurnView } from "~/api/__generated__/schema";
import { queryClient } from "~/api/client";
import { TextLink } from "~/components/links";
import { CommandBadge } from "~/components/state-badge";
import { useHolds } from "~/components/use-me";
import { When } from "~/components/when";
import { readEvents } from "~/live/tail";
import { t } from "~/texts/en";

const ENDED: Record<CommandState, boolean> = {
  queued: false,
  sent: false,
  accepted: false,
  done: true,
  failed: true,
  expired: true,
  unknown: true,
};
const AGAIN_MS = 1_000;

/** A message and its answer, which appears while it is given. */
export function Turn(props: { turn: TurnView; bot: string }) {
  const { turn } = props;
  const mayCalls = useHolds("call:read");
  const streamed = useAnswer(turn);
  const answer = turn.answer || streamed;
  return (
    <Card withBorder component="li">
      <Text size="sm" className="quiet">
        {t.bot.you} <When at={turn.created_at} />
      </Text>
      <Text style={{ whiteSpace: "pre-wrap" }}>{turn.text}</Text>
      <Group gap="xs" mt="sm">
        <Text size="sm" fw={600}>
          {props.bot}
        </Text>
        <CommandBadge state={turn.state} />
      </Group>
      <Text style={{ whiteSpace: "pre-wrap" }} aria-live="polite">
        {answer}
      </Text>
      {turn.error && <Text size="sm">{turn.error}</Text>}
      {turn.usage && (
        <Group gap="sm" mt={4}>
          <Text size="sm" className="quiet">
            {t.bot.tokens(turn.usage.input ?? 0, turn.usage.output ?? 0)}
          </Text>
          {mayCalls && (
            <TextLink to="/calls" search={{ trace: turn.trace_id }}>
              {t.bot.callsOfTurn}
            </TextLink>
          )}
        </Group>
      )}
    </Card>
  );
}

/** What is there of the answer of a turn under way; a stream that breaks goes on where it was. */
function useAnswer(turn: TurnView): string {
  const [text, setText] = useState("");
  const ended = ENDED[turn.state];
  useEffect(() => {
    if (ended) return;
    const stop = new AbortController();
    // Characters, as the server counts them: one may be two units of a string here.
    let got: string[] = [];

    async function follow(): Promise<void> {
      let over = false;
      while (!over && !stop.signal.aborted) {
        const url = `/v1/turns/${turn.id}/stream?offset=${got.length}`;
        try {
          await readEvents(url, stop.signal, ({ kind, data }) => {
            if (kind === "delta") {
              got = [...got.slice(0, Number(data.offset)), ...String(data.text)];
              setText(got.join(""));
            }
            if (kind === "end") over = true;
          });
        } catch {
          // The list of turns shows what went wrong with this one; here it is only tried again.
        }
        if (!over) await new Promise((again) => setTimeout(again, AGAIN_MS));
      }
      queryClient.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[1] === "/v1/bots/{bot}/turns",
      });
    }

    follow();
    return () => stop.abort();
  }, [turn.id, ended]);
  return text;
}
