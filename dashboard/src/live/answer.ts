import type { CommandState, TurnView } from "~/api/__generated__/schema";
import { asFault } from "~/api/faults";
import { pause, readEvents } from "~/live/tail";

const ENDED: Record<CommandState, boolean> = {
  queued: false,
  sent: false,
  accepted: false,
  done: true,
  failed: true,
  expired: true,
  unknown: true,
};
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
const BUSY = 429;

/** Whether an answer may still come. */
export function isOpen(turn: TurnView): boolean {
  return !ENDED[turn.state];
}

/**
 * Read the answer of a turn as it is given, after what is `known` of it, until the turn ends,
 * `signal` aborts or the server refuses. A stream that breaks goes on where it was, the later the
 * longer nothing comes. Never throws: the list of turns shows what became of this one.
 * Characters, as the server counts them: one may be two units of a string here.
 */
export async function followAnswer(
  turn: string,
  signal: AbortSignal,
  known: readonly string[],
  onText: (characters: string[]) => void,
): Promise<void> {
  let got = [...known];
  let wait = FIRST_WAIT_MS;
  let over = false;
  while (!over && !signal.aborted) {
    const url = `/v1/turns/${turn}/stream?offset=${got.length}`;
    try {
      await readEvents(url, signal, ({ kind, data }) => {
        if (signal.aborted) return;
        wait = FIRST_WAIT_MS;
        if (kind === "end") over = true;
        if (kind !== "delta") return;
        got = [...got.slice(0, Number(data.offset)), ...String(data.text)];
        onText(got);
      });
    } catch (thrown) {
      const { status } = asFault(thrown);
      if (status >= 400 && status < 500 && status !== BUSY) return;
    }
    if (over) return;
    await pause(wait, signal);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}
