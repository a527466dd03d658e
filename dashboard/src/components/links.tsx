import { Anchor, type AnchorProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";

/** Anchor can be anything, so that its types know nothing of an `a`; here it is one. */
const PlainAnchor = (props: AnchorProps & Omit<ComponentProps<"a">, keyof AnchorProps>) => (
  <Anchor {...props} />
);

/** A link that knows every route and its parameters. */
export const TextLink = createLink(PlainAnchor);
