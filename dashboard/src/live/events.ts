import type { QueryClient } from "@tanstack/react-query";
import { asFault } from "~/api/faults";
import { markerOf } from "~/live/stale";
import { pause, readEvents } from "~/live/tail";

/** What an event makes old: the first word of its kind to the paths of queries. */
const TOUCHES: Record<string, readonly string[]> = {
  bot: ["/v1/bots", "/v1/turns"],
  operation: ["/v1/operations", "/v1/audit"],
  call: ["/v1/calls", "/v1/budgets"],
  secret: ["/v1/secrets"],
  workspace: ["/v1/workspace", "/v1/me"],
};
const EVERYTHING = [""];
const CHANNEL = "homarus-events";
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

type Message = { id: string; kind: string } | { connected: boolean };

/**
 * Keep queries fresh until the returned function is called.
 *
 * One tab of this browser holds the stream (whoever has the lock) and tells the others; when it
 * closes, the next takes over after the last event that it heard of. An event carries no state:
 * it only marks queries as old.
 */
export function followEvents(client: QueryClient, onConnection: (up: boolean) => void): () => void {
  const stop = new AbortController();
  const channel = new BroadcastChannel(CHANNEL);
  const marker = markerOf(client);
  let last = "";

  function take(message: Message): void {
    if ("connected" in message) {
      onConnection(message.connected);
      return;
    }
    last = message.id || last;
    marker.mark(TOUCHES[message.kind.split(".")[0] ?? ""] ?? []);
  }

  function tell(message: Message): void {
    if (stop.signal.aborted) return;
    channel.postMessage(message);
    take(message);
  }

  /** Hold the stream. `gap`: whether something may have happened that nobody told this tab. */
  async function lead(gap: boolean): Promise<void> {
    let missed = gap;
    let wait = FIRST_WAIT_MS;
    while (!stop.signal.aborted) {
      try {
        await readEvents("/v1/events", stop.signal, ({ id, kind }) => tell({ id, kind }), {
          after: last,
          onOpen: () => {
            wait = FIRST_WAIT_MS;
            tell({ connected: true });
            // Without a known event the stream starts at now: what happened meanwhile is unknown.
            if (missed && !last) marker.mark(EVERYTHING);
            missed = false;
          },
        });
      } catch (thrown) {
        if (asFault(thrown).status === 401) marker.mark(EVERYTHING);
      }
      if (stop.signal.aborted) return;
      missed = true;
      tell({ connected: false });
      await pause(wait, stop.signal);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }

  /** Lead at once if no other tab does; otherwise wait for it to go. */
  async function queue(): Promise<void> {
    const led = await navigator.locks.request(CHANNEL, { ifAvailable: true }, async (lock) => {
      if (lock) await lead(false);
      return lock !== null;
    });
    if (led || stop.signal.aborted) return;
    await navigator.locks.request(CHANNEL, { signal: stop.signal }, () => lead(true));
  }

  channel.onmessage = ({ data }: MessageEvent<Message>) => take(data);
  queue().catch(() => undefined);
  return () => {
    stop.abort();
    marker.stop();
    channel.close();
  };
}
