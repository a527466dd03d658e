import { useEffect, useState } from "react";
import type { BotSpec, Isolation } from "~/api/__generated__/schema";
import { t } from "~/texts/en";
import { newKey } from "~/util/key";
import type { STEPS } from "~/util/search";

export type Step = (typeof STEPS)[number];
export type StartKey = keyof typeof t.wizard.purpose.starts;

/** What a person has entered so far; null stands for what is suggested. Never a key of anything. */
export interface Draft {
  step: Step;
  start: StartKey;
  name: string | null;
  persona: string | null;
  goals: string | null;
  model: string | null;
  target: string | null;
  runtime: string | null;
  isolation: Isolation | null;
  memory: string | null;
  fleet: string | null;
  /** Asking twice with one key makes one bot; another bot gets another key. */
  key: string;
  /** It was asked for: whether the bot is there is not known if no answer came. */
  sent: boolean;
}

/** What a step may change; the rest follows from it. */
export type Part = Partial<Omit<Draft, "step" | "key" | "sent">>;

const fresh = (): Draft => ({
  step: "purpose",
  start: "assistant",
  name: null,
  persona: null,
  goals: null,
  model: null,
  target: null,
  runtime: null,
  isolation: null,
  memory: null,
  fleet: null,
  key: newKey(),
  sent: false,
});

const place = (user: string) => `homarus-new-bot-${user}`;

function load(user: string): Draft {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place(user)) ?? "null");
    const known = typeof kept === "object" && kept !== null ? kept : {};
    const draft: Draft = { ...fresh(), ...known };
    return draft.start in t.wizard.purpose.starts ? draft : fresh();
  } catch {
    return fresh(); // a browser that keeps nothing, or something else wrote there
  }
}

function keep(user: string, draft: Draft | null): void {
  try {
    if (draft) localStorage.setItem(place(user), JSON.stringify(draft));
    else localStorage.removeItem(place(user));
  } catch {
    // A browser that keeps nothing: the draft lives as long as the page.
  }
}

/** The draft of this person in this browser; every change is kept at once. */
export function useDraft(user: string) {
  const [draft, setDraft] = useState(() => load(user));
  const [touched, setTouched] = useState(false);
  useEffect(() => {
    if (touched) keep(user, draft);
  }, [user, draft, touched]);

  function set(part: Partial<Draft>): void {
    setTouched(true);
    setDraft((now) => ({ ...now, ...part }));
  }

  return {
    draft,
    change: (part: Part) => set({ ...part, key: newKey(), sent: false }),
    goTo: (step: Step) => set({ step }),
    asked: () => set({ sent: true }),
    /** Keep nothing any more; what is shown stays until it is left. */
    drop: () => {
      keep(user, null);
      setTouched(false);
    },
    clear: () => setDraft(fresh()),
  };
}

/** Who it is and what it should do, as edited or as the starting point has it. */
export function purposeOf(draft: Draft): { persona: string; goals: string } {
  const start = t.wizard.purpose.starts[draft.start];
  return { persona: draft.persona ?? start.persona, goals: draft.goals ?? start.goals };
}

/** The bot that the draft describes. The same draft always gives the same bytes. */
export function specOf(draft: Draft): BotSpec {
  const { persona, goals } = purposeOf(draft);
  return {
    name: draft.name ?? "",
    persona: persona.trim(),
    goals: goals
      .split("\n")
      .map((goal) => goal.trim())
      .filter(Boolean),
    model: draft.model ?? "demo",
    target: draft.target ?? "local",
    runtime: { name: draft.runtime ?? "openclaw" },
    isolation: draft.isolation ?? "sandbox",
    ...(draft.memory ? { resources: { memory_mb: Number(draft.memory) } } : {}),
    fleet: draft.fleet ?? "default",
    desired: "running",
    secrets: [],
  };
}
