import { Button, List, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { fetcher } from "~/api/client";
import { Fault } from "~/components/fault";
import { useMe } from "~/components/use-me";
import { useSending } from "~/components/use-sending";
import { t } from "~/texts/en";
import { Facts } from "~/ui/facts";
import { Section } from "~/ui/section";
import { pb } from "~/util/path-builder";

/** Who is logged in, what they may do, and their password. */
export default function AccountPage() {
  const me = useMe();
  const roles = me.grants.map((g) =>
    t.settings.on(t.states.role[g.role], g.fleet ?? t.settings.everywhere),
  );
  const held = new Set(me.held.flatMap((one) => one.scopes));
  const scopes = Object.keys(t.tokens.scopes).filter((scope) => held.has(scope));
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
            [
              t.settings.scopes,
              <details key="scopes">
                <summary>{t.tokens.things(scopes.length)}</summary>
                <List size="sm">
                  {scopes.map((scope) => (
                    <List.Item key={scope}>{t.tokens.scopes[scope]}</List.Item>
                  ))}
                </List>
              </details>,
            ],
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
  const { busy, fault, send } = useSending();

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const body = { password, current: props.has ? current : null };
    // The session is over; what was read is forgotten by loading the login page anew.
    if (await send(() => fetcher.PUT("/v1/me/password", { body })))
      window.location.assign(pb.login());
  }

  return (
    <Section title={t.settings.password}>
      <form onSubmit={save}>
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
