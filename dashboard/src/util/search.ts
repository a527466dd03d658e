/** What an address may carry after its "?": each reader keeps what it knows and drops the rest. */
type Raw = Record<string, unknown>;

/** Keys that may be left out, so that links need not name them. */
const kept = <T extends object>(found: T): Partial<T> => found;

const text = (raw: unknown): string | undefined =>
  typeof raw === "string" && raw !== "" ? raw : undefined;

const oneOf =
  <T extends string>(...words: readonly T[]) =>
  (raw: unknown): T | undefined =>
    words.find((word) => word === raw);

const positive = (raw: unknown): number | undefined =>
  Number.isSafeInteger(raw) && Number(raw) > 0 ? Number(raw) : undefined;

const sort = oneOf("name", "created", "changed");
const order = oneOf("asc", "desc");

export const STEPS = ["purpose", "model", "place", "review"] as const;
const step = oneOf(...STEPS);

export const botsSearch = (raw: Raw) =>
  kept({
    q: text(raw.q),
    state: text(raw.state),
    fleet: text(raw.fleet),
    runtime: text(raw.runtime),
    sort: sort(raw.sort),
    order: order(raw.order),
  });

export const callsSearch = (raw: Raw) =>
  kept({
    bot: text(raw.bot),
    trace: text(raw.trace),
    state: text(raw.state),
    model: text(raw.model),
  });

export const auditSearch = (raw: Raw) =>
  kept({
    q: text(raw.q),
    actor: text(raw.actor),
    subject: text(raw.subject),
    action: text(raw.action),
  });

export const logsSearch = (raw: Raw) => kept({ q: text(raw.q) });

/** Two revisions by their numbers; the router reads digits as numbers. */
export const revisionsSearch = (raw: Raw) =>
  kept({ from: positive(raw.from), to: positive(raw.to) });

export const loginSearch = (raw: Raw) =>
  kept({
    next: text(raw.next),
    ended: raw.ended === true || undefined,
  });

export const wizardSearch = (raw: Raw) => kept({ step: step(raw.step), bot: text(raw.bot) });
