/** Every address of the console, in one place. Pages and links write none by hand. */
const name = encodeURIComponent;

export const pb = {
  overview: () => "/",
  login: () => "/login",
  bots: () => "/bots",
  wizard: () => "/new",
  bot: (bot: string) => `/bots/${name(bot)}`,
  botChat: (bot: string) => `/bots/${name(bot)}/chat`,
  botCalls: (bot: string) => `/bots/${name(bot)}/calls`,
  botLogs: (bot: string) => `/bots/${name(bot)}/logs`,
  botCommands: (bot: string) => `/bots/${name(bot)}/commands`,
  botRevisions: (bot: string) => `/bots/${name(bot)}/revisions`,
  botConfiguration: (bot: string) => `/bots/${name(bot)}/configuration`,
  calls: () => "/calls",
  call: (call: string) => `/calls/${name(call)}`,
  audit: () => "/audit",
  doctor: () => "/doctor",
  settings: () => "/settings",
  users: () => "/settings/users",
  tokens: () => "/settings/tokens",
  providers: () => "/settings/providers",
  about: () => "/settings/about",
  secrets: () => "/settings/secrets",
} as const;
