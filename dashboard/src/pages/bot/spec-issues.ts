import type { ApiFault } from "~/api/faults";

/** The paths that have a field of their own; everything else stands at the document. */
const FIELDS = [
  "persona",
  "goals",
  "model",
  "tools.exec",
  "resources.memory_mb",
  "budget.limit_usd",
  "budget.period",
  "labels",
] as const;
const DOCUMENT = "";

/** What the server has against each field, by its path; "" is the document as a whole. */
export type Issues = Record<string, string>;

/** The issues of a refused document at their fields: a dry run and an edit name them alike. */
export function issuesOf(fault: ApiFault): Issues {
  const found: Issues = {};
  for (const { path, message, hint } of fault.issues) {
    const inner = path.replace(/^(manifests\[0\]|spec)(\.|$)/, "");
    const field = FIELDS.find((name) => inner === name || /^[.[]/.test(after(inner, name)));
    const where = field === inner || inner === "" ? "" : `${inner}: `;
    const words = `${where}${message}${hint && `. ${hint}`}`;
    const key = field ?? DOCUMENT;
    found[key] = key in found ? `${found[key]} ${words}` : words;
  }
  return found;
}

const after = (path: string, name: string): string =>
  path.startsWith(name) ? path.slice(name.length) : "";
