import type { ChangeView } from "~/api/__generated__/schema";
import { t } from "~/texts/en";

/** One line of a plan: where, and the words before and after; null stands for nothing. */
export interface PlanLine {
  path: string;
  before: string | null;
  after: string | null;
}

type Document = Record<string, unknown>;

const LABELS = "labels.";
const LEFT_OUT = "…";

/** The lines of a plan: objects by their leaves; what is empty before and after says nothing. */
export function planLines(changes: readonly ChangeView[]): PlanLine[] {
  return changes
    .flatMap(({ path, before, after }) => leaves(path, before, after))
    .filter(({ before, after }) => before !== after);
}

/** The lines between two whole documents. */
export function documentLines(before: Document, after: Document): PlanLine[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return planLines(keys.map((path) => ({ path, before: before[path], after: after[path] })));
}

function leaves(path: string, before: unknown, after: unknown): PlanLine[] {
  if (!isObject(before) && !isObject(after)) {
    const [was, is] = [words(before), words(after)];
    return [{ path, ...(was !== null && is !== null ? cut(was, is) : { before: was, after: is }) }];
  }
  const [old, fresh] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  return keys.flatMap((key) => leaves(`${path}.${key}`, old[key], fresh[key]));
}

/** What a part of a document is called, where it has a name in words. */
export function fieldName(path: string): string | undefined {
  return path.startsWith(LABELS) ? t.plan.oneLabel(path.slice(LABELS.length)) : t.plan.fields[path];
}

function isObject(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A leaf as people read it; null when there is nothing. */
function words(value: unknown): string | null {
  if (Array.isArray(value)) return value.map((one) => words(one) ?? "").join("\n") || null;
  if (isObject(value)) return JSON.stringify(value);
  return value === null || value === undefined || value === "" ? null : String(value);
}

/** Two long texts without the lines that both begin or end with. */
function cut(before: string, after: string): { before: string; after: string } {
  const [old, fresh] = [before.split("\n"), after.split("\n")];
  const most = Math.min(old.length, fresh.length) - 1;
  let head = 0;
  while (head < most && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const middle = (lines: string[]) =>
    [
      ...(head > 0 ? [LEFT_OUT] : []),
      ...lines.slice(head, lines.length - tail),
      ...(tail > 0 ? [LEFT_OUT] : []),
    ].join("\n");
  return { before: middle(old), after: middle(fresh) };
}
