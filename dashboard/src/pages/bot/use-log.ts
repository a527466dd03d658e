import { useQuery, useQueryClient } from "@tanstack/react-query";
import { fetcher } from "~/api/client";
import { asFault } from "~/api/faults";

/** The answer while no supervisor of the bot is connected. */
const AWAY = 409;
const POLL_MS = 2_000;
const PIECE_BYTES = 131_072;
const MOST_CHARACTERS = 500_000;
/** A log is cut at eight megabytes; one that grows while it is read must end all the same. */
const MOST_PIECES = 96;
const BEGINNING = "0";

/** What is shown of a log: older lines than fit are dropped, to stay fast. */
interface Log {
  text: string;
  cursor: string;
  /** Whether there was nobody to ask the last time: nothing of the bot runs. */
  away?: boolean;
}

/**
 * The end of a bot's log, and what is added to it. Asked again every two seconds while `follow`
 * and somebody looks; what was read stays when an answer fails.
 */
export function useLog(bot: string, follow: boolean) {
  const client = useQueryClient();
  const queryKey = ["log", bot];
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const read = client.getQueryData<Log>(queryKey);
      try {
        return joined(read, await piece(bot, read?.cursor ?? "", signal));
      } catch (thrown) {
        if (asFault(thrown).status !== AWAY) throw thrown;
        return { text: "", cursor: "", ...read, away: true };
      }
    },
    staleTime: 0,
    retry: false, // the next look is close, or the person asks for it
    refetchInterval: follow && POLL_MS,
    refetchOnWindowFocus: follow,
  });
}

/** The whole log that is kept, from its beginning. */
export async function wholeLog(bot: string): Promise<string> {
  let text = "";
  let cursor = BEGINNING;
  for (let pieces = 0; pieces < MOST_PIECES; pieces += 1) {
    const next = await piece(bot, cursor);
    text += next.text;
    if (next.cursor === cursor) break;
    cursor = next.cursor;
  }
  return text;
}

async function piece(bot: string, cursor: string, signal?: AbortSignal): Promise<Log> {
  const { data } = await fetcher.GET("/v1/bots/{bot}/logs", {
    params: { path: { bot }, query: { cursor, limit: PIECE_BYTES } },
    signal,
  });
  return data ?? { text: "", cursor };
}

function joined(read: Log | undefined, next: Log): Log {
  const text = (read?.text ?? "") + next.text;
  const from =
    text.length <= MOST_CHARACTERS ? 0 : text.indexOf("\n", text.length - MOST_CHARACTERS) + 1;
  return { text: text.slice(from), cursor: next.cursor };
}
