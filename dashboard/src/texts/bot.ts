export const bot = { title: "Bot" };
