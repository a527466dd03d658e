import { Button } from "@mantine/core";
import { useState } from "react";
import type { TokenView } from "~/api/__generated__/schema";
import { api, fetcher, queryClient } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { tellDone } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { type Once, ShownOnce } from "~/pages/settings/shown-once";
import { standingOf, tokenColumns } from "~/pages/settings/token-columns";
import { TokenMake } from "~/pages/settings/token-make";
import { confirmStore } from "~/stores/confirm";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";
import { Part } from "~/ui/part";

/** One's own tokens; what they open the door with is shown when they are made and never again. */
export default function TokensPage() {
  const mayWrite = useHolds("token:write");
  const [making, setMaking] = useState(false);
  const [once, setOnce] = useState<Once | null>(null);
  const query = api.useInfiniteQuery(
    "get",
    "/v1/tokens",
    { params: { query: { limit: 100 } } },
    KEYSET,
  );
  return (
    <Part
      title={t.tokens.title}
      lead={t.tokens.lead}
      actions={mayWrite && <Button onClick={() => setMaking(true)}>{t.tokens.make}</Button>}
    >
      <QueryTable
        label={t.tokens.title}
        query={query}
        rowKey={(token) => token.id}
        empty={<EmptyState title={t.tokens.emptyTitle} text={t.tokens.emptyText} />}
        columns={[
          ...tokenColumns,
          ...(mayWrite
            ? [
                {
                  key: "revoke",
                  header: t.tokens.revoke,
                  width: "6rem",
                  cell: (token: TokenView) =>
                    standingOf(token) !== "revoked" && (
                      <Button
                        size="compact-sm"
                        variant="default"
                        aria-label={t.tokens.revokeOne(token.name)}
                        onClick={() => revoke(token)}
                      >
                        {t.tokens.revoke}
                      </Button>
                    ),
                },
              ]
            : []),
        ]}
      />
      {making && <TokenMake onClose={() => setMaking(false)} onMade={setOnce} />}
      {once && <ShownOnce once={once} onClose={() => setOnce(null)} />}
    </Part>
  );
}

function revoke(token: TokenView): void {
  confirmStore.ask({
    title: t.tokens.revokeTitle(token.name),
    losses: [t.tokens.lost, t.tokens.lostForGood],
    action: t.tokens.revoke,
    onYes: async () => {
      await fetcher.DELETE("/v1/tokens/{token_id}", { params: { path: { token_id: token.id } } });
      tellDone(t.tokens.revoked(token.name));
      await queryClient.invalidateQueries({ queryKey: ["get", "/v1/tokens"] });
    },
  });
}
