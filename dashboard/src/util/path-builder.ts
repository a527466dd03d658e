/** Every address of the console, in one place. Pages and links write none by hand. */
const name = encodeURIComponent;

export const pb = {
  overview: () => "/",
  login: () => "/login",
  bots: () => "/bots",
  bot: (bot: string) => `/bots/${name(bot)}`,
  botChat: (bot: string) => `/bots/${name(bot)}/chat`,
  botCalls: (bot: string) => `/bots/${name(bot)}/calls`,
  botCommands: (bot: string) => `/bots/${name(bot)}/commands`,
  calls: () => "/calls",
  call: (call: string) => `/calls/${name(call)}`,
  audit: () => "/audit",
  doctor: () => "/doctor",
  settings: () => "/settings",
  secrets: () => "/settings/secrets",
} as const;
