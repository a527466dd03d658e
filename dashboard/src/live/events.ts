import type { QueryClient } from "@tanstack/react-query";
import { asFault } from "~/api/faults";
import { readEvents } from "~/live/tail";

/** What an event makes old: the first word of its kind to the paths of queries. */
const TOUCHES: Record<string, readonly string[]> = {
  bot: ["/v1/bots", "/v1/turns"],
  operation: ["/v1/operations", "/v1/audit"],
  call: ["/v1/calls", "/v1/budgets"],
  secret: ["/v1/secrets"],
  workspace: ["/v1/workspace", "/v1/me"],
};
const CHANNEL = "homarus-events";
const BATCH_MS = 300;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

type Message = { id: string; kind: string } | { connected: boolean };

/**
 * Keep queries fresh until the returned function is called.
 *
 * One tab of this browser holds the stream (whoever has the lock) and tells the others; when it
 * closes, the next takes over after the last event that anybody saw. An event carries no state:
 * it only marks queries as old.
 */
export function followEvents(client: QueryClient, onConnection: (up: boolean) => void): () => void {
  const stop = new AbortController();
  const channel = new BroadcastChannel(CHANNEL);
  const stale = new Set<string>();
  let last = "";
  let timer = 0;

  function take(message: Message): void {
    if ("connected" in message) {
      onConnection(message.connected);
      return;
    }
    last = message.id || last;
    for (const path of TOUCHES[message.kind.split(".")[0] ?? ""] ?? []) stale.add(path);
    timer ||= window.setTimeout(flush, BATCH_MS);
  }

  function flush(): void {
    timer = 0;
    const paths = [...stale];
    stale.clear();
    client.invalidateQueries({
      predicate: ({ queryKey }) => paths.some((path) => String(queryKey[1]).startsWith(path)),
    });
  }

  function tell(message: Message): void {
    channel.postMessage(message);
    take(message);
  }

  async function lead(): Promise<void> {
    let wait = FIRST_WAIT_MS;
    let away = false;
    while (!stop.signal.aborted) {
      try {
        await readEvents("/v1/events", stop.signal, ({ id, kind }) => tell({ id, kind }), {
          after: last,
          onOpen: () => {
            wait = FIRST_WAIT_MS;
            tell({ connected: true });
            // Without a known event the stream starts at now: what happened meanwhile is unknown.
            if (away && !last) client.invalidateQueries();
            away = false;
          },
        });
      } catch (thrown) {
        if (asFault(thrown).status === 401) client.invalidateQueries();
      }
      if (stop.signal.aborted) return;
      away = true;
      tell({ connected: false });
      await pause(wait, stop.signal);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }

  channel.onmessage = ({ data }: MessageEvent<Message>) => take(data);
  navigator.locks.request(CHANNEL, { signal: stop.signal }, lead).catch(() => undefined);
  return () => {
    stop.abort();
    window.clearTimeout(timer);
    channel.close();
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      window.clearTimeout(timer);
      resolve();
    });
  });
}
