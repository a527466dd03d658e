import { createParser } from "eventsource-parser";
import { faultOf } from "~/api/faults";

export interface ServerEvent {
  id: string;
  kind: string;
  data: Record<string, unknown>;
}

/**
 * Read a stream of server-sent events until it ends or `signal` aborts.
 * Throws the fault of a refused request; a connection that breaks ends it silently.
 * Not EventSource: that one can neither start after a known event nor tell why it was refused.
 */
export async function readEvents(
  url: string,
  signal: AbortSignal,
  onEvent: (event: ServerEvent) => void,
  { after = "", onOpen = () => {} }: { after?: string; onOpen?: () => void } = {},
): Promise<void> {
  const headers: Record<string, string> = after ? { "Last-Event-ID": after } : {};
  const response = await fetch(url, { headers, signal });
  if (!response.ok || !response.body) throw await faultOf(response);
  onOpen();
  const parser = createParser({
    onEvent: ({ id, event, data }) =>
      onEvent({ id: id ?? "", kind: event ?? "", data: JSON.parse(data) }),
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(value);
  }
}
