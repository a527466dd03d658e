import { Card, Group, Text } from "@mantine/core";
import { useDocumentVisibility } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import type { TurnView } from "~/api/__generated__/schema";
import { queryClient } from "~/api/client";
import { TextLink } from "~/components/links";
import { CommandBadge } from "~/components/state-badge";
import { useHolds } from "~/components/use-me";
import { When } from "~/components/when";
import { followAnswer, isOpen } from "~/live/answer";
import { t } from "~/texts/en";

/** A message and its answer, which appears while it is given if it is to `follow` that. */
export function Turn(props: { turn: TurnView; bot: string; follow: boolean }) {
  const { turn } = props;
  const mayCalls = useHolds("call:read");
  const streamed = useAnswer(turn, props.follow);
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

/** What is there of the answer of a turn under way; nothing is read while nobody looks. */
function useAnswer(turn: TurnView, follow: boolean): string {
  const [text, setText] = useState("");
  const got = useRef<string[]>([]);
  const looked = useDocumentVisibility() === "visible";
  const reading = follow && looked && isOpen(turn);
  useEffect(() => {
    if (!reading) return;
    const stop = new AbortController();
    followAnswer(turn.id, stop.signal, got.current, (now) => {
      got.current = now;
      setText(now.join(""));
    }).then(() => {
      if (!stop.signal.aborted)
        queryClient.invalidateQueries({
          predicate: ({ queryKey }) => queryKey[1] === "/v1/bots/{bot}/turns",
        });
    });
    return () => stop.abort();
  }, [turn.id, reading]);
  return text;
}
