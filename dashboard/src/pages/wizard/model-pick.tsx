import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { LocalServerView, ProviderView } from "~/api/__generated__/schema";
import { fetcher } from "~/api/client";
import { Fault, tellDone } from "~/components/fault";
import { allRoutes, nameOf } from "~/pages/wizard/use-models";
import { t } from "~/texts/en";
import { Choice } from "~/ui/choice";

/** Which of the models of a provider: makes the route (and a local server's provider) to it. */
export function ModelPick(props: {
  from: LocalServerView | ProviderView;
  listed: readonly string[];
  onAdded: (route: string) => void;
}) {
  const { from, listed } = props;
  const client = useQueryClient();
  const [model, setModel] = useState(listed.length === 1 ? (listed[0] ?? "") : "");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  // One of the two is shown.
  const field = useRef<HTMLInputElement & HTMLSelectElement>(null);
  useEffect(() => {
    // What had the focus may be gone with the form for the key.
    if (document.activeElement === document.body) field.current?.focus();
  }, []);

  /** The provider of a local server: the one that has its address already, or a new one. */
  async function provider(): Promise<string> {
    if ("id" in from) return from.id;
    const { data: now } = await fetcher.GET("/v1/providers", { params: { query: { limit: 500 } } });
    const there = now?.items ?? [];
    const known = there.find((one) => one.base_url === from.base_url);
    if (known) return known.id;
    const name = nameOf(
      from.kind,
      there.map((one) => one.name),
    );
    const body = { name, type: from.type, base_url: from.base_url, key: "" };
    return (await fetcher.POST("/v1/providers", { body })).data?.id ?? name;
  }

  async function use(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!model || busy) return;
    setBusy(true);
    setFault(null);
    try {
      const id = await provider();
      const routes = await allRoutes();
      const same = routes.find((one) => one.provider_id === id && one.model === model);
      const name =
        same?.name ??
        nameOf(
          model,
          routes.map((one) => one.name),
        );
      if (!same)
        await fetcher.PUT("/v1/routes", { body: { name, provider: id, model, max_output: 8192 } });
      await client.invalidateQueries({
        predicate: ({ queryKey }) => /^\/v1\/(routes|providers)$/.test(String(queryKey[1])),
      });
      tellDone(t.wizard.model.added2(name));
      props.onAdded(name);
    } catch (thrown) {
      setFault(thrown);
      setBusy(false);
    }
  }

  const label = t.wizard.model.choose(from.name);
  return (
    <form onSubmit={use}>
      <Stack maw={420} align="stretch">
        {listed.length > 0 ? (
          <Choice
            ref={field}
            label={label}
            data={[...new Set(listed)]}
            placeholder={t.wizard.model.chooseHint}
            value={model}
            onChange={setModel}
          />
        ) : (
          <>
            <Text size="sm">{t.wizard.model.write}</Text>
            <TextInput
              ref={field}
              label={label}
              value={model}
              onChange={(event) => setModel(event.currentTarget.value)}
            />
          </>
        )}
        {fault !== null && <Fault error={fault} />}
        <Group>
          <Button type="submit" loading={busy} disabled={!model}>
            {t.wizard.model.use}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
