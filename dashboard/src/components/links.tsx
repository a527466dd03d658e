import { Anchor, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode, Ref } from "react";

type AnchorButtonProps = ButtonProps &
  Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps> & {
    ref?: Ref<HTMLAnchorElement>;
    children?: ReactNode;
  };

/** Looks like a button and goes somewhere: a link to who hears it. */
function AnchorButton(props: AnchorButtonProps) {
  return <Button component="a" {...props} />;
}

/** Links that know every route and its parameters. */
export const TextLink = createLink(Anchor);
export const ButtonLink = createLink(AnchorButton);
