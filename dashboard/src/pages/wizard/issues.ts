import type { ApiFault } from "~/api/faults";
import type { Step } from "~/pages/wizard/draft";

/** What the server has against the draft, by field. */
export type Issues = Partial<Record<Field, string>>;
export type Field =
  | "name"
  | "persona"
  | "goals"
  | "model"
  | "target"
  | "runtime"
  | "isolation"
  | "resources"
  | "fleet";

export const STEP_OF: Record<Field, Step> = {
  name: "purpose",
  persona: "purpose",
  goals: "purpose",
  model: "model",
  target: "place",
  runtime: "place",
  isolation: "place",
  resources: "place",
  fleet: "place",
};
const PREFIX = /^manifests\[\d+\]\./;

/** The fields that a refused plan or creation is about; empty when it is about none of them. */
export function issuesOf(fault: ApiFault): Issues {
  const found: Issues = {};
  for (const { path, message, hint } of fault.issues) {
    const field = path.replace(PREFIX, "").split(/[.[]/)[0] ?? "";
    if (field in STEP_OF) found[field as Field] ??= [message, hint].filter(Boolean).join(". ");
  }
  if (fault.code === "not_enough_memory") found.resources = fault.detail;
  if (fault.code === "conflict") found.name = fault.detail;
  return found;
}
