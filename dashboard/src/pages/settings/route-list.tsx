import { Button } from "@mantine/core";
import type { ProviderView, RouteView } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { Cost } from "~/components/cost";
import { useHolds } from "~/components/use-me";
import type { Draft } from "~/pages/settings/route-form";
import { type Column, QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";
import { Part } from "~/ui/part";
import { usd } from "~/util/format";

/** The model names that bots use, and what answers to each at which price. */
export function RouteList(props: {
  providers: readonly ProviderView[];
  onSet: (draft: Draft) => void;
}) {
  const mayWrite = useHolds("provider:write");
  const query = api.useInfiniteQuery(
    "get",
    "/v1/routes",
    { params: { query: { limit: 100 } } },
    KEYSET,
  );
  const nameOf = (id: string) => props.providers.find((one) => one.id === id)?.name ?? id;
  const edit = (route: RouteView) => props.onSet({ route, provider: nameOf(route.provider_id) });
  return (
    <Part
      title={t.providers.routes}
      lead={`${t.providers.routesLead} ${t.providers.priceHint}`}
      actions={
        mayWrite &&
        props.providers.length > 0 && (
          <Button variant="default" onClick={() => props.onSet({})}>
            {t.providers.setRoute}
          </Button>
        )
      }
    >
      <QueryTable
        label={t.providers.routes}
        query={query}
        rowKey={(route) => route.id}
        height="24rem"
        empty={<EmptyState title={t.providers.noRoutesTitle} text={t.providers.noRoutesText} />}
        columns={[
          ...columns(nameOf),
          ...(mayWrite
            ? [
                {
                  key: "edit",
                  header: t.providers.actions,
                  width: "6.5rem",
                  cell: (route: RouteView) => (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={t.providers.editRouteOf(route.name)}
                      onClick={() => edit(route)}
                    >
                      {t.providers.editRoute}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Part>
  );
}

const columns = (nameOf: (id: string) => string): readonly Column<RouteView>[] => [
  { key: "name", header: t.providers.name, width: "1fr", cell: ({ name }) => name },
  {
    key: "provider",
    header: t.providers.provider,
    width: "1fr",
    cell: ({ provider_id }) => nameOf(provider_id),
  },
  {
    key: "model",
    header: t.providers.model,
    width: "1.5fr",
    cell: ({ model }) => <span className="mono">{model}</span>,
    wideOnly: true,
  },
  {
    key: "price",
    header: t.providers.price,
    width: "11rem",
    cell: ({ price }) =>
      price ? (
        t.providers.priceOf(usd(price.input), usd(price.output))
      ) : (
        <Cost usd="0" priced={false} />
      ),
    wideOnly: true,
  },
];
