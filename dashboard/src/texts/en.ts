import { about } from "~/texts/about";
import { audit } from "~/texts/audit";
import { bot } from "~/texts/bot";
import { bots } from "~/texts/bots";
import { calls } from "~/texts/calls";
import { common } from "~/texts/common";
import { configuration } from "~/texts/configuration";
import { doctor } from "~/texts/doctor";
import { login } from "~/texts/login";
import { logs } from "~/texts/logs";
import { overview } from "~/texts/overview";
import { plan } from "~/texts/plan";
import { providers } from "~/texts/providers";
import { revisions } from "~/texts/revisions";
import { settings } from "~/texts/settings";
import { states } from "~/texts/states";
import { tokens } from "~/texts/tokens";
import { users } from "~/texts/users";
import { wizard } from "~/texts/wizard";

/** Every sentence the console says. Another language is another object of this shape. */
export const t = {
  common,
  states,
  login,
  overview,
  wizard,
  plan,
  bots,
  bot,
  logs,
  revisions,
  configuration,
  calls,
  audit,
  doctor,
  settings,
  users,
  tokens,
  providers,
  about,
};
