/** Documents as people edit them: any JSON object. Nothing here changes what it is given. */
export type Document = Record<string, unknown>;

/** Whether `value` is an object with keys, and no list. */
export function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at `path` ("resources.memory_mb"); undefined where there is none. */
export function valueAt(document: Document, path: string): unknown {
  let here: unknown = document;
  for (const key of path.split(".")) here = isDocument(here) ? here[key] : undefined;
  return here;
}

/** `document` with `value` at `path`. */
export function withValue(document: Document, path: string, value: unknown): Document {
  const [key = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...document, [key]: value };
  const inner = document[key];
  return { ...document, [key]: withValue(isDocument(inner) ? inner : {}, rest.join("."), value) };
}

/** What `mine` changed of `base`, done to `theirs`: what only they changed stays theirs. */
export function merged(base: Document, mine: Document, theirs: Document): Document {
  const result: Document = {};
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const [was, is, other] = [base[key], mine[key], theirs[key]];
    const value =
      isDocument(was) && isDocument(is) && isDocument(other)
        ? merged(was, is, other)
        : same(was, is)
          ? other
          : is;
    if (value !== undefined) result[key] = value;
  }
  return result;
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** A leaf as a field shows it. */
export const leafWords = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

/** Text as a list, a line for each. */
export const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

export const printLines = (list: unknown): string =>
  Array.isArray(list) ? list.map(leafWords).join("\n") : leafWords(list);

/** Text as labels: key=value in each line; a key alone has an empty value. */
export const labelsOf = (text: string): Document =>
  Object.fromEntries(
    linesOf(text).map((line) => {
      const [key = "", ...value] = line.split("=");
      return [key.trim(), value.join("=").trim()];
    }),
  );

export const printLabels = (labels: unknown): string =>
  isDocument(labels)
    ? Object.entries(labels)
        .map(([key, value]) => `${key}=${leafWords(value)}`)
        .join("\n")
    : "";
