import { Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { fetcher, queryClient, worthAsking } from "~/api/client";
import { asFault } from "~/api/faults";
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
  /** Whether the link may work yet: the server gave no word on it. */
  const [unheard, setUnheard] = useState(false);
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

  async function open(token: string): Promise<void> {
    setUnheard(false);
    await enter(async () => {
      try {
        await fetcher.POST("/v1/login/link", { body: { token } });
      } catch (thrown) {
        setUnheard(worthAsking(asFault(thrown).status));
        throw thrown;
      }
    });
  }

  async function logIn(email: string, password: string): Promise<void> {
    setLink("");
    await enter(() => fetcher.POST("/v1/login", { body: { email, password } }));
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
    open(link);
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
            <PasswordForm logIn={logIn} />
          )}
          {fault !== null && (
            <Fault error={fault} onRetry={link && unheard ? () => open(link) : undefined} />
          )}
          {link && fault !== null && !unheard && <Text size="sm">{t.login.linkHint}</Text>}
        </Stack>
      </Paper>
    </Center>
  );
}

function PasswordForm(props: { logIn: (email: string, password: string) => Promise<void> }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    await props.logIn(email, password);
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
