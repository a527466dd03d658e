import { createParser } from "eventsource-parser";
import { faultOf, noAnswer } from "~/api/faults";

export interface ServerEvent {
  id: string;
  kind: string;
  data: Record<string, unknown>;
}

/** The server says something each 15 seconds; after three of them unheard it is not there. */
const SILENCE_MS = 45_000;

/**
 * Read a stream of server-sent events until it ends.
 * Throws the fault of a refused request, and one without an answer if the connection breaks,
 * nothing is heard for too long or `signal` aborts.
 * Not EventSource: that one can neither start after a known event nor tell why it was refused.
 */
export async function readEvents(
  url: string,
  signal: AbortSignal,
  onEvent: (event: ServerEvent) => void,
  { after = "", onOpen = () => {} }: { after?: string; onOpen?: () => void } = {},
): Promise<void> {
  const headers: Record<string, string> = after ? { "Last-Event-ID": after } : {};
  const silence = new AbortController();
  let timer = 0;
  function listen(): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => silence.abort(), SILENCE_MS);
  }

  listen();
  try {
    const either = AbortSignal.any([signal, silence.signal]);
    const response = await reached(fetch(url, { headers, signal: either }));
    if (!response.ok || !response.body) throw await faultOf(response);
    onOpen();
    const parser = createParser({
      onEvent: ({ id, event, data }) =>
        onEvent({ id: id ?? "", kind: event ?? "", data: JSON.parse(data) }),
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reached(reader.read());
      if (done) return;
      listen();
      parser.feed(value);
    }
  } finally {
    window.clearTimeout(timer);
  }
}

/** `asked`, where to fail means that there was no answer. */
function reached<T>(asked: Promise<T>): Promise<T> {
  return asked.catch(() => Promise.reject(noAnswer()));
}

/** Let `ms` pass, or less if `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(over, ms);
    signal.addEventListener("abort", over);
    function over(): void {
      window.clearTimeout(timer);
      signal.removeEventListener("abort", over);
      resolve();
    }
  });
}
