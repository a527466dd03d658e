import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useHolds } from "~/components/use-me";
import { t } from "~/texts/en";
import { pb } from "~/util/path-builder";

/** The way into the wizard, for who may make bots. */
export function NewBot() {
  if (!useHolds("bot:write")) return null;
  return (
    <Button component={Link} to={pb.wizard()} leftSection={<IconPlus size={16} aria-hidden />}>
      {t.wizard.open}
    </Button>
  );
}
