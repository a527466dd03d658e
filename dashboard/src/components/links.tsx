import { Anchor, Button } from "@mantine/core";
import { createLink } from "@tanstack/react-router";

/** Links that know every route and its parameters. */
export const TextLink = createLink(Anchor);
export const ButtonLink = createLink(Button);
