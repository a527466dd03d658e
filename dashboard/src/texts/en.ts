import { audit } from "~/texts/audit";
import { bot } from "~/texts/bot";
import { bots } from "~/texts/bots";
import { calls } from "~/texts/calls";
import { common } from "~/texts/common";
import { doctor } from "~/texts/doctor";
import { login } from "~/texts/login";
import { overview } from "~/texts/overview";
import { settings } from "~/texts/settings";
import { states } from "~/texts/states";

/** Every sentence the console says. Another language is another object of this shape. */
export const t = {
  common,
  states,
  login,
  overview,
  bots,
  bot,
  calls,
  audit,
  doctor,
  settings,
};
