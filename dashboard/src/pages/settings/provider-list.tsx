import { Badge, Button, Group } from "@mantine/core";
import { useState } from "react";
import type { ProviderView } from "~/api/__generated__/schema";
import { api, fetcher, queryClient } from "~/api/client";
import { Fault, tellDone, tellFault } from "~/components/fault";
import { RowMenu } from "~/components/row-menu";
import { useHolds } from "~/components/use-me";
import { ProviderAdd } from "~/pages/settings/provider-add";
import { ProviderChange } from "~/pages/settings/provider-change";
import { lossesOf } from "~/pages/settings/provider-losses";
import { Verdict } from "~/pages/settings/verdict";
import { confirmStore } from "~/stores/confirm";
import { type Column, type Pages, QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState, LoadingRows } from "~/ui/drawn-states";
import { Part } from "~/ui/part";

type Shown = { kind: "add" } | { kind: "change"; provider: ProviderView };

/** The providers; each can be asked whether it takes our key. */
export function ProviderList(props: {
  query: Pages<ProviderView>;
  onAdded: (provider: string) => void;
}) {
  const mayWrite = useHolds("provider:write");
  const [shown, setShown] = useState<Shown | null>(null);
  const [asked, setAsked] = useState("");
  const check = api.useMutation("post", "/v1/providers/{provider}/check");
  const close = () => setShown(null);

  function ask(provider: ProviderView): void {
    setAsked(provider.name);
    check.mutate({ params: { path: { provider: provider.id } } });
  }
  const items = (provider: ProviderView) => [
    { text: t.providers.check, onClick: () => ask(provider) },
    // The demo has no key, and its address is Homarus' own.
    ...(provider.demo
      ? []
      : [{ text: t.providers.change, onClick: () => setShown({ kind: "change", provider }) }]),
    { text: t.providers.remove, onClick: () => void remove(provider).catch(tellFault) },
  ];
  return (
    <Part
      title={t.providers.title}
      lead={t.providers.lead}
      actions={
        mayWrite && <Button onClick={() => setShown({ kind: "add" })}>{t.providers.add}</Button>
      }
    >
      {check.isPending && <LoadingRows label={t.providers.checking(asked)} rows={1} />}
      {check.error !== null && <Fault error={check.error} />}
      {check.data && <Verdict verdict={check.data} />}
      <QueryTable
        label={t.providers.title}
        query={props.query}
        rowKey={(provider) => provider.id}
        height="24rem"
        empty={<EmptyState title={t.providers.emptyTitle} text={t.providers.emptyText} />}
        columns={[
          ...columns,
          ...(mayWrite
            ? [
                {
                  key: "actions",
                  header: t.providers.actions,
                  width: "6.5rem",
                  cell: (provider: ProviderView) => (
                    <RowMenu
                      text={t.providers.actions}
                      label={t.providers.actionsOf(provider.name)}
                      items={items(provider)}
                    />
                  ),
                },
              ]
            : []),
        ]}
      />
      {shown?.kind === "add" && <ProviderAdd onClose={close} onAdded={props.onAdded} />}
      {shown?.kind === "change" && <ProviderChange provider={shown.provider} onClose={close} />}
    </Part>
  );
}

const columns: readonly Column<ProviderView>[] = [
  {
    key: "name",
    header: t.providers.name,
    width: "1fr",
    cell: ({ name, demo }) => (
      <Group gap={6} wrap="nowrap">
        {name}
        {demo && (
          <Badge color="gray" variant="light" tt="none" c="var(--ink)">
            {t.common.demo}
          </Badge>
        )}
      </Group>
    ),
  },
  {
    key: "type",
    header: t.providers.type,
    width: "6rem",
    cell: ({ type }) => t.providers.shortTypes[type],
    wideOnly: true,
  },
  {
    key: "address",
    header: t.providers.address,
    width: "2fr",
    cell: ({ base_url }) => <span className="mono">{base_url}</span>,
    wideOnly: true,
  },
  {
    key: "key",
    header: t.providers.key,
    width: "5rem",
    cell: ({ has_key }) => (has_key ? t.providers.hasKey : t.providers.noKey),
    wideOnly: true,
  },
];

async function remove(provider: ProviderView): Promise<void> {
  confirmStore.ask({
    title: t.providers.removeTitle(provider.name),
    losses: await lossesOf(provider),
    action: t.providers.remove,
    word: provider.name,
    onYes: async () => {
      await fetcher.DELETE("/v1/providers/{provider}", {
        params: { path: { provider: provider.id } },
      });
      tellDone(t.providers.removed(provider.name));
      await queryClient.invalidateQueries();
    },
  });
}
