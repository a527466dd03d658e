import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, fetcher } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { Fault, tellDone } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { When } from "~/components/when";
import { confirmStore } from "~/stores/confirm";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";
import { Section } from "~/ui/section";

/** The secrets of the workspace by name; no value is ever read back. */
export default function SecretsPage() {
  const mayWrite = useHolds("secret:write");
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: ["get", "/v1/secrets"] });
  const query = api.useInfiniteQuery(
    "get",
    "/v1/secrets",
    { params: { query: { limit: 100 } } },
    KEYSET,
  );
  const remove = (name: string) =>
    confirmStore.ask({
      title: t.settings.removeTitle(name),
      losses: [t.settings.removeLoss],
      action: t.settings.remove,
      word: name,
      onYes: async () => {
        await fetcher.DELETE("/v1/secrets/{name}", { params: { path: { name } } });
        await again();
      },
    });
  return (
    <Stack>
      {mayWrite && <SetSecret onSet={again} />}
      <QueryTable
        label={t.settings.secrets}
        query={query}
        rowKey={(secret) => secret.id}
        empty={<EmptyState title={t.settings.noSecrets} text={t.settings.noSecretsText} />}
        columns={[
          { key: "name", header: t.settings.name, width: "2fr", cell: (s) => s.name },
          { key: "version", header: t.settings.version, width: "5rem", cell: (s) => s.version },
          {
            key: "changed",
            header: t.settings.changed,
            width: "8rem",
            cell: (s) => <When at={s.updated_at} />,
            wideOnly: true,
          },
          ...(mayWrite
            ? [
                {
                  key: "remove",
                  header: t.settings.remove,
                  width: "7rem",
                  cell: (s: { name: string }) => (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={t.settings.removeOne(s.name)}
                      onClick={() => remove(s.name)}
                    >
                      {t.settings.remove}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Stack>
  );
}

function SetSecret(props: { onSet: () => Promise<unknown> }) {
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);

  async function save(): Promise<void> {
    setBusy(true);
    setFault(null);
    try {
      await fetcher.PUT("/v1/secrets/{name}", { params: { path: { name } }, body: { value } });
      tellDone(t.settings.secretSet(name));
      setName("");
      setValue("");
      await props.onSet();
    } catch (thrown) {
      setFault(thrown);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Section title={t.settings.setSecret}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Text className="quiet" mb="sm">
          {t.settings.setSecretLead}
        </Text>
        <Group align="flex-end">
          <TextInput
            label={t.settings.name}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label={t.settings.value}
            autoComplete="off"
            miw={220}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
          <Button type="submit" loading={busy} disabled={!name || !value}>
            {t.settings.setSecret}
          </Button>
        </Group>
        {fault !== null && <Fault error={fault} />}
      </form>
    </Section>
  );
}
