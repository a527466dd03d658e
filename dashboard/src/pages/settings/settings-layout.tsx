import { Group } from "@mantine/core";
import { Outlet } from "@tanstack/react-router";
import { TextLink } from "~/components/links";
import { useHolds } from "~/components/use-me";
import { t } from "~/texts/en";
import { PageHead } from "~/ui/page-head";

/** The head of the settings and the links to what this person may read. */
export default function SettingsLayout() {
  const secrets = useHolds("secret:read");
  return (
    <>
      <PageHead title={t.settings.title} />
      <Group component="nav" aria-label={t.settings.pages} mb="lg">
        <TextLink to="/settings">{t.settings.account}</TextLink>
        {secrets && <TextLink to="/settings/secrets">{t.settings.secrets}</TextLink>}
      </Group>
      <Outlet />
    </>
  );
}
