import { Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { fetcher, queryClient } from "~/api/client";
import { Fault } from "~/components/fault";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { useTitle } from "~/ui/use-title";

const route = getRouteApi("/login");

/** Ways in: a one-time link (its secret stands after the "#") or e-mail and password. */
export default function LoginPage() {
  const { next, ended } = route.useSearch();
  useTitle(t.login.title);
  const router = useRouter();
  const [link, setLink] = useState(() => window.location.hash.slice(1));
  const [fault, setFault] = useState<unknown>(null);
  const used = useRef("");

  async function enter(ask: () => Promise<unknown>): Promise<void> {
    setFault(null);
    try {
      await ask();
    } catch (thrown) {
      setFault(thrown);
      return;
    }
    queryClient.clear();
    // Only a path of ours: an address that leads elsewhere is not followed.
    router.history.push(next?.startsWith("/") && !next.startsWith("//") ? next : "/");
  }

  useEffect(() => {
    // Somebody who is here already and opens a link changes the part after the "#" alone.
    const changed = () => setLink(window.location.hash.slice(1));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a link works once; it is used once
  useEffect(() => {
    if (!link || used.current === link) return;
    used.current = link;
    // Not kept in the address line or the history.
    const { pathname, search } = window.location;
    window.history.replaceState(window.history.state, "", pathname + search);
    enter(() => fetcher.POST("/v1/login/link", { body: { token: link } }));
  }, [link]);

  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w={380} maw="100%">
        <Stack>
          <Title order={1} size="h3">
            {t.login.title}
          </Title>
          {ended && <Text role="status">{t.login.ended}</Text>}
          {link && fault === null ? (
            <LoadingRows label={t.login.withLink} rows={3} />
          ) : (
            <PasswordForm enter={enter} />
          )}
          {fault !== null && <Fault error={fault} />}
          {link && fault !== null && <Text size="sm">{t.login.linkHint}</Text>}
        </Stack>
      </Paper>
    </Center>
  );
}

function PasswordForm(props: { enter: (ask: () => Promise<unknown>) => Promise<void> }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    await props.enter(() => fetcher.POST("/v1/login", { body: { email, password } }));
    setBusy(false);
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <Text className="quiet">{t.login.lead}</Text>
        <TextInput
          label={t.login.email}
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t.login.password}
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy}>
          {t.login.submit}
        </Button>
      </Stack>
    </form>
  );
}
