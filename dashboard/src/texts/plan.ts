/** What the parts of a bot's document are called, in the order in which people read a plan. */
const fields: Record<string, string> = {
  name: "Name",
  persona: "Who it is",
  goals: "Goals",
  model: "Model",
  target: "Runs on",
  "runtime.name": "Runtime",
  "runtime.version": "Version of the runtime",
  isolation: "Isolation",
  "resources.memory_mb": "Memory in MB",
  "tools.exec": "May run commands",
  "tools.deny": "Tools it never gets",
  secrets: "Secrets it may read",
  "budget.limit_usd": "Budget in US dollars",
  "budget.period": "Budget is for each",
  fleet: "Fleet",
  labels: "Labels",
  owner: "Owner",
  desired: "Should be",
};

/** Values that read better as words. */
const values: Record<string, Record<string, string>> = {
  "tools.exec": { deny: "no", full: "yes" },
};

export const plan = {
  fields,
  oneLabel: (key: string) => `Label ${key}`,
  values,
  label: (name: string) => `What would change of ${name}`,
  created: (name: string) => `${name} will be made.`,
  changed: (name: string, count: number) =>
    count === 1 ? `One thing changes of ${name}.` : `${count} things change of ${name}.`,
  unchanged: (name: string) => `Nothing changes: ${name} is like this already.`,
  what: "What",
  now: "Now",
  after: "After",
  value: "Value",
  nothing: "nothing",
};
