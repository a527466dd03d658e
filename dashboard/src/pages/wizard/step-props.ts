import type { Draft, Part } from "~/pages/wizard/draft";
import type { Issues } from "~/pages/wizard/issues";

/** What every step gets. */
export interface StepProps {
  draft: Draft;
  /** What the server said against fields; gone as soon as they are changed. */
  issues: Issues;
  change: (part: Part) => void;
  onNext: () => void;
  onBack: () => void;
}
