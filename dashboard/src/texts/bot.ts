import type { BotAction, Refusal } from "~/api/can";

const actions: Record<Exclude<BotAction, "edit" | "chat">, string> = {
  start: "Start",
  stop: "Stop",
  pause: "Pause",
  resume: "Resume",
  restart: "Restart",
  redeploy: "Redeploy",
  kill: "Kill",
  delete: "Delete",
};
const reasons: Record<Refusal, string> = {
  deleting: "It is being deleted.",
  running: "It is meant to run already.",
  stopped: "It is meant to be stopped.",
  paused: "It is meant to pause already.",
  notPaused: "It is not paused.",
  notUp: "It is not running.",
};

export const bot = {
  title: "Bot",
  tabs: "Parts of this bot",
  calls: "Calls",
  noCallsTitle: "No calls yet",
  noCallsText: "Every model call that this bot makes appears here.",
  actions,
  reasons,
  menu: "Actions",
  asked: (action: string, name: string) => `${action}: asked of ${name}.`,
  confirm: {
    kill: (name: string) => `Kill ${name}?`,
    delete: (name: string) => `Delete ${name}?`,
  },
  losses: {
    kill: ["It is stopped at once, without grace.", "Its keys are revoked now."],
    delete: ["It is stopped and removed with its files, for good."],
  },
};
