import { t } from "~/texts/en";

const STEPS: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [30, "day"],
  [12, "month"],
  [Number.POSITIVE_INFINITY, "year"],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const wholeDay = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** How long ago, in one unit: "3 min. ago". */
export function ago(at: string, now: number = Date.now()): string {
  let amount = (now - Date.parse(at)) / 1000;
  if (amount < 5) return t.common.now;
  for (const [size, unit] of STEPS) {
    if (amount < size) return relative.format(-Math.round(amount), unit);
    amount /= size;
  }
  return at;
}

/** A moment in the reader's own zone. */
export const moment = (at: string): string => absolute.format(new Date(at));

/** The day of it, in the reader's own zone. */
export const day = (at: string): string => wholeDay.format(new Date(at));

/** 12,345 */
export const count = (amount: number): string => whole.format(amount);

/** 12.3K */
export const roughly = (amount: number): string => compact.format(amount);

/** Milliseconds or seconds, whichever reads better. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/**
 * An amount of US dollars as the API writes it, a decimal string, with at least two digits and
 * at most `digits` after the point. The string is cut, never turned into a float.
 */
export function usd(amount: string, digits = 6): string {
  const [whole = "0", rest = ""] = amount.split(".");
  const cut = rest.slice(0, digits).replace(/0+$/, "").padEnd(2, "0");
  if (/^-?0*$/.test(whole) && /^0*$/.test(cut) && /[1-9]/.test(rest))
    return `<$0.${"0".repeat(digits - 1)}1`;
  return `$${whole}.${cut}`;
}

/** The time of day in the reader's own zone: "12:34:56". */
export const clock = (at: string): string => timeOfDay.format(new Date(at));
