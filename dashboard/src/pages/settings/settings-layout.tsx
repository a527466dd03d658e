import { Group } from "@mantine/core";
import { Outlet, useLocation } from "@tanstack/react-router";
import { holds } from "~/api/session";
import { TextLink } from "~/components/links";
import { useMe } from "~/components/use-me";
import classes from "~/pages/settings/settings-layout.module.css";
import { t } from "~/texts/en";
import { PageHead } from "~/ui/page-head";

/** The pages of the settings, each with what one must hold to read it. */
const PAGES = [
  { to: "/settings", label: t.settings.account, scope: "workspace:read" },
  { to: "/settings/users", label: t.users.title, scope: "user:read" },
  { to: "/settings/tokens", label: t.tokens.title, scope: "token:read" },
  { to: "/settings/providers", label: t.providers.title, scope: "provider:read" },
  { to: "/settings/secrets", label: t.settings.secrets, scope: "secret:read" },
  { to: "/settings/about", label: t.about.title, scope: "workspace:read" },
] as const;

/** The head of the settings and the links to what this person may read. */
export default function SettingsLayout() {
  const me = useMe();
  const { pathname } = useLocation();
  const here = PAGES.find((page) => page.to === pathname.replace(/\/$/, ""));
  return (
    <>
      <PageHead title={t.settings.title} part={here?.label} />
      <Group
        component="nav"
        aria-label={t.settings.pages}
        mb="lg"
        gap="xs"
        className={classes.pages}
      >
        {PAGES.filter((page) => holds(me, page.scope)).map((page) => (
          <TextLink key={page.to} to={page.to} activeOptions={{ exact: true }}>
            {page.label}
          </TextLink>
        ))}
      </Group>
      <Outlet />
    </>
  );
}
