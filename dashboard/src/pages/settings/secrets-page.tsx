import { Button, Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { api, fetcher } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { useHolds } from "~/components/use-me";
import { When } from "~/components/when";
import { SecretSet } from "~/pages/settings/secret-set";
import { confirmStore } from "~/stores/confirm";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";

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
      {mayWrite && <SecretSet onSet={again} />}
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
