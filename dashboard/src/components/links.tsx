import { Anchor } from "@mantine/core";
import { createLink } from "@tanstack/react-router";

/** A link that knows every route and its parameters. */
export const TextLink = createLink(Anchor);
