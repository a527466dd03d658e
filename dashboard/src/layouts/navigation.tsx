import { NavLink } from "@mantine/core";
import {
  IconHeartbeat,
  IconHome,
  IconListDetails,
  IconMessages,
  IconRobot,
  IconSettings,
} from "@tabler/icons-react";
import { Link, useLocation } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { holds } from "~/api/session";
import { useMe } from "~/components/use-me";
import { t } from "~/texts/en";
import { pb } from "~/util/path-builder";

interface Entry {
  to: string;
  label: string;
  icon: ComponentType<{ size: number }>;
  /** Shown to those who hold this; a page nobody may read is not offered. */
  scope: string;
}

const ENTRIES: readonly Entry[] = [
  { to: pb.overview(), label: t.overview.title, icon: IconHome, scope: "bot:read" },
  { to: pb.bots(), label: t.bots.title, icon: IconRobot, scope: "bot:read" },
  { to: pb.calls(), label: t.calls.title, icon: IconMessages, scope: "call:read" },
  { to: pb.audit(), label: t.audit.title, icon: IconListDetails, scope: "audit:read" },
  { to: pb.doctor(), label: t.doctor.title, icon: IconHeartbeat, scope: "provider:write" },
  { to: pb.settings(), label: t.settings.title, icon: IconSettings, scope: "workspace:read" },
];

/** The main menu: what this person may read. */
export function Navigation(props: { onGo: () => void }) {
  const me = useMe();
  const { pathname } = useLocation();
  return ENTRIES.filter((entry) => holds(me, entry.scope)).map((entry) => {
    const here = entry.to === "/" ? pathname === "/" : pathname.startsWith(entry.to);
    return (
      <NavLink
        key={entry.to}
        component={Link}
        to={entry.to}
        label={entry.label}
        leftSection={<entry.icon size={18} />}
        active={here}
        aria-current={here ? "page" : undefined}
        onClick={props.onGo}
      />
    );
  });
}
