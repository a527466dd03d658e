/** What the parts of a bot's document are called where people read what would change. */
const fields: Record<string, string> = {
  name: "Name",
  owner: "Owner",
  labels: "Labels",
  fleet: "Fleet",
  "runtime.name": "Runtime",
  "runtime.version": "Version of the runtime",
  target: "Runs on",
  model: "Model",
  persona: "Who it is",
  goals: "Goals",
  "tools.exec": "May run commands",
  "tools.deny": "Tools it never gets",
  "resources.memory_mb": "Memory in MB",
  isolation: "Isolation",
  "budget.limit_usd": "Budget in US dollars",
  "budget.period": "Budget is for each",
  secrets: "Secrets it may read",
  desired: "Should be",
};

export const plan = {
  fields,
  oneLabel: (key: string) => `Label ${key}`,
  label: (name: string) => `What would change of ${name}`,
  created: (name: string) => `${name} will be made.`,
  changed: (name: string, count: number) =>
    count === 1 ? `One thing changes of ${name}.` : `${count} things change of ${name}.`,
  unchanged: (name: string) => `Nothing changes: ${name} is like this already.`,
  what: "What",
  now: "Now",
  after: "After",
  nothing: "nothing",
};
