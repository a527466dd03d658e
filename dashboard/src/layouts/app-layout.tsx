import {
  ActionIcon,
  Alert,
  AppShell,
  Burger,
  Group,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLogout, IconMoon, IconSun } from "@tabler/icons-react";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { onLoggedOut, queryClient } from "~/api/client";
import { useLogOut } from "~/components/use-log-out";
import { useMe } from "~/components/use-me";
import classes from "~/layouts/app-layout.module.css";
import { Navigation } from "~/layouts/navigation";
import { StaleNote } from "~/layouts/stale-note";
import { followEvents } from "~/live/events";
import { t } from "~/texts/en";

/** The frame of every page but the login: header, navigation, live connection. */
export function AppLayout() {
  const [open, { toggle, close }] = useDisclosure();
  const connected = useLive();
  useLoggedOut();
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 208, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding="lg"
    >
      <a href="#main" className="skip-link">
        {t.common.skip}
      </a>
      <AppShell.Header>
        <Header open={open} toggle={toggle} />
      </AppShell.Header>
      <AppShell.Navbar
        p="xs"
        aria-label={t.common.navigation}
        className={open ? undefined : classes.closed}
      >
        <Navigation onGo={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        {!connected && (
          <Alert color="yellow" mb="md" role="status">
            {t.common.offline}
          </Alert>
        )}
        <StaleNote />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function Header(props: { open: boolean; toggle: () => void }) {
  const me = useMe();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const leave = useLogOut();

  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap">
      <Group gap="xs" wrap="nowrap">
        <Burger
          opened={props.open}
          onClick={props.toggle}
          hiddenFrom="sm"
          size="sm"
          aria-label={t.common.menu}
          aria-expanded={props.open}
        />
        <img src="/icon.svg" width={24} height={24} alt="" />
        <Text component={Link} to="/" fw={700} c="inherit" td="none">
          {t.common.product}
        </Text>
      </Group>
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" className="quiet" truncate maw={200} visibleFrom="xs">
          {me.name}
        </Text>
        <ActionIcon
          variant="subtle"
          size="lg"
          aria-label={t.common.theme}
          onClick={() => setColorScheme(dark ? "light" : "dark")}
        >
          {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
        </ActionIcon>
        <ActionIcon variant="subtle" size="lg" aria-label={t.common.logout} onClick={leave}>
          <IconLogout size={18} />
        </ActionIcon>
      </Group>
    </Group>
  );
}

/** Follow the event stream while somebody is logged in; say whether it is there. */
function useLive(): boolean {
  const [connected, setConnected] = useState(true);
  useEffect(() => followEvents(queryClient, setConnected), []);
  return connected;
}

/** Go to the login page when the server no longer knows us, and come back after. */
function useLoggedOut(): void {
  const navigate = useNavigate();
  useEffect(() => {
    onLoggedOut.current = () => {
      onLoggedOut.current = () => undefined;
      const next = window.location.pathname + window.location.search;
      queryClient.clear();
      navigate({ to: "/login", search: { next, ended: true } });
    };
    return () => {
      onLoggedOut.current = () => undefined;
    };
  }, [navigate]);
}
