import { Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { fetcher } from "~/api/client";
import { Fault } from "~/components/fault";
import { useMe } from "~/components/use-me";
import { t } from "~/texts/en";
import { Facts } from "~/ui/facts";
import { Section } from "~/ui/section";
import { pb } from "~/util/path-builder";

/** Who is logged in, what they may do, and their password. */
export default function AccountPage() {
  const me = useMe();
  const roles = me.grants.map((g) => t.settings.on(g.role, g.fleet ?? t.settings.everywhere));
  const scopes = [...new Set(me.held.flatMap((held) => held.scopes))].sort();
  return (
    <Stack>
      <Section title={t.settings.account}>
        <Facts
          label={t.settings.account}
          rows={[
            [t.settings.name, me.name],
            [t.login.email, me.email],
            [t.settings.workspace, me.workspace_name],
            [t.settings.roles, roles.join(", ") || t.common.none],
            [t.settings.scopes, scopes.join(", ") || t.common.none],
          ]}
        />
      </Section>
      <Password has={me.has_password} />
    </Stack>
  );
}

function Password(props: { has: boolean }) {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);

  async function save(): Promise<void> {
    setBusy(true);
    setFault(null);
    try {
      const body = { password, current: props.has ? current : null };
      await fetcher.PUT("/v1/me/password", { body });
      // The session is over; what was read is forgotten by loading the login page anew.
      window.location.assign(pb.login());
    } catch (thrown) {
      setFault(thrown);
      setBusy(false);
    }
  }

  return (
    <Section title={t.settings.password}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack align="stretch" maw={420}>
          <Text className="quiet">{t.settings.ends}</Text>
          {props.has && (
            <PasswordInput
              label={t.settings.current}
              autoComplete="current-password"
              value={current}
              onChange={(event) => setCurrent(event.currentTarget.value)}
            />
          )}
          <PasswordInput
            label={t.settings.next}
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {fault !== null && <Fault error={fault} />}
          <Button type="submit" loading={busy} disabled={!password}>
            {t.settings.setPassword}
          </Button>
        </Stack>
      </form>
    </Section>
  );
}
