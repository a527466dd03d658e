import { Alert, Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { CheckView, ProviderView } from "~/api/__generated__/schema";
import { fetcher } from "~/api/client";
import { Fault, tellDone } from "~/components/fault";
import type { Source } from "~/pages/wizard/sources";
import { nameOf } from "~/pages/wizard/use-models";
import { t } from "~/texts/en";
import { newKey } from "~/util/key";

/**
 * A provider with a key: tested live, and added if it takes the key. The key lives in this
 * component's memory alone: in no storage, no address, no cache of queries.
 */
export function KeyForm(props: {
  source: Source & { kind: "keyed" };
  taken: readonly string[];
  onAdded: (provider: ProviderView) => void;
  onDemo: (() => void) | undefined;
}) {
  const { source } = props;
  const client = useQueryClient();
  const [key, setKey] = useState("");
  const [address, setAddress] = useState("");
  const [once, setOnce] = useState(newKey);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<CheckView | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const complete = source.asksAddress ? address !== "" : key !== "";

  function changed(): void {
    setOnce(newKey());
    setRefused(null);
  }

  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!complete || busy) return;
    setBusy(true);
    setFault(null);
    setRefused(null);
    try {
      const body = { type: source.type, base_url: address.trim(), key };
      const { data: check } = await fetcher.POST("/v1/providers/test", { body });
      if (!check?.ok) {
        setRefused(check ?? null);
        return;
      }
      const name = nameOf(source.name || hostOf(address), props.taken);
      const { data: made } = await fetcher.POST("/v1/providers", {
        params: { header: { "Idempotency-Key": once } },
        body: { ...body, name },
      });
      setKey("");
      await client.invalidateQueries({ queryKey: ["get", "/v1/providers"] });
      tellDone(check.message);
      if (made) props.onAdded(made);
    } catch (thrown) {
      setFault(thrown);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={add}>
      <Stack maw={420} align="stretch">
        {source.asksAddress && (
          <TextInput
            label={t.wizard.model.address}
            description={t.wizard.model.addressHint}
            autoComplete="off"
            value={address}
            onChange={(event) => {
              setAddress(event.currentTarget.value);
              changed();
            }}
          />
        )}
        <PasswordInput
          label={t.wizard.model.key}
          description={t.wizard.model.keyHint}
          autoComplete="off"
          value={key}
          onChange={(event) => {
            setKey(event.currentTarget.value);
            changed();
          }}
        />
        {fault !== null && <Fault error={fault} />}
        {refused && (
          <Alert color="red" role="alert" title={t.wizard.model.fails}>
            <Text size="sm">{refused.message}</Text>
            <Text size="sm">{t.wizard.model.failsHint}</Text>
          </Alert>
        )}
        <Group>
          <Button type="submit" loading={busy} disabled={!complete}>
            {t.wizard.model.test}
          </Button>
          {refused && props.onDemo && (
            <Button variant="default" onClick={props.onDemo}>
              {t.wizard.model.useDemo}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/** A provider's host, which names it; the address itself where it has none. */
function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : address;
}
