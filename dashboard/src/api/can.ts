import type { BotView } from "~/api/__generated__/schema";

/** What a person can ask of one bot. `chat` is a page; the others change it at once. */
export type BotAction =
  | "start"
  | "stop"
  | "pause"
  | "resume"
  | "restart"
  | "redeploy"
  | "kill"
  | "delete"
  | "chat";

/** The scope that the server asks for each (tests/integration/api/test_routes.py holds both). */
export const SCOPE: Record<BotAction, string> = {
  start: "bot:write",
  stop: "bot:write",
  pause: "bot:write",
  resume: "bot:write",
  restart: "bot:write",
  redeploy: "bot:write",
  kill: "bot:kill",
  delete: "bot:write",
  chat: "bot:chat",
};

type Standing = Pick<BotView, "state" | "desired" | "deleting">;

/** Why a bot cannot be asked this now, as a key of `t.bot.reasons`; null when it can. */
export type Refusal = "deleting" | "running" | "stopped" | "paused" | "notPaused" | "notUp";

/** Mirrors the rules of src/homarus/domains/bot/service.py; a browser test holds them together. */
export function refusal(bot: Standing, action: BotAction): Refusal | null {
  if (bot.deleting) return "deleting";
  switch (action) {
    case "start":
      return bot.desired !== "stopped" && bot.state !== "failed" ? "running" : null;
    case "stop":
      return bot.desired === "stopped" ? "stopped" : null;
    case "pause":
      if (bot.desired === "stopped") return "stopped";
      return bot.desired === "paused" ? "paused" : null;
    case "resume":
      return bot.desired === "paused" ? null : "notPaused";
    case "restart":
      return bot.desired === "stopped" ? "stopped" : null;
    case "chat":
      return bot.state === "running" || bot.state === "degraded" ? null : "notUp";
    case "redeploy":
    case "kill":
    case "delete":
      return null;
  }
}
