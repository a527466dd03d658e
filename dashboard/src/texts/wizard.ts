export const wizard = { title: "Wizard" };
