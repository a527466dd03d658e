import type { Period } from "~/api/__generated__/schema";

const periods: Record<Period, string> = { day: "a day", month: "a month", total: "in all" };
const windows: Record<Period, string> = {
  day: "Spent today",
  month: "Spent this month",
  total: "Spent so far",
};

export const about = {
  title: "About",
  installation: "This installation",
  version: "Version",
  console: "Console",
  api: "API",
  gateway: "Gateway for bots",
  demo: "Demo model",
  noDemo: "not used",
  database: "Database",
  python: "Python",
  system: "System",
  workspace: "Workspace",
  name: "Name",
  newName: "New name",
  nameRule: "Lower-case letters, digits and hyphens, at most 63.",
  rename: "Rename",
  renamed: (name: string) => `The workspace is now called ${name}.`,
  since: "Since",
  budget: "Budget of the workspace",
  budgetLead: "The most that all bots together may spend. The call that would pass it is refused.",
  noBudget: "There is no limit for the workspace. Each bot still has its own.",
  limit: "Limit",
  limitOf: (limit: string, period: Period) => `${limit} ${periods[period]}`,
  limitUsd: "Limit in US dollars",
  period: "Holds for",
  periods,
  windows,
  setAside: "Held for calls under way",
  overdraft: "Passed by",
  used: (spent: string, limit: string) => `${spent} of ${limit} used`,
  set: "Set the budget",
  budgetSet: "The budget is set.",
};
