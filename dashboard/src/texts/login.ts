export const login = {
  title: "Log in",
  lead: "Use your e-mail and password, or open a one-time link.",
  email: "E-mail",
  password: "Password",
  submit: "Log in",
  withLink: "Opening your one-time link",
  linkHint:
    "A link works once, for a short time. Get a new one on the machine: `homarus user link EMAIL`.",
  ended: "Your session ended. Log in again and you are back where you were.",
};
