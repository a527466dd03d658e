/** One question at a time: what a person must say yes to before it is done. */
export interface Question {
  title: string;
  /** What will be lost or will happen, one sentence each. */
  losses: readonly string[];
  action: string;
  /** A word that must be typed, where nothing brings back what is lost. */
  word?: string;
  /** Must return the promise of the change: its fault is told, and the dialog stays. */
  onYes: () => Promise<unknown>;
}

type Listener = () => void;

let asked: Question | null = null;
const listeners = new Set<Listener>();

function set(question: Question | null): void {
  asked = question;
  for (const listener of listeners) listener();
}

export const confirmStore = {
  ask: (question: Question) => set(question),
  close: () => set(null),
  current: () => asked,
  subscribe: (listener: Listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
