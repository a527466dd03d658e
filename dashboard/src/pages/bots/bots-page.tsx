import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import type { BotState } from "~/api/__generated__/schema";
import { SCOPE } from "~/api/can";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { holds } from "~/api/session";
import { TextLink } from "~/components/links";
import { NewBot } from "~/components/new-bot";
import { useMe } from "~/components/use-me";
import { BotFilters } from "~/pages/bots/bot-filters";
import { BulkBar } from "~/pages/bots/bulk-bar";
import { BulkResult } from "~/pages/bots/bulk-result";
import { botColumns, selectColumn } from "~/pages/bots/columns";
import { useBulk } from "~/pages/bots/use-bulk";
import { useSelection } from "~/pages/bots/use-selection";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";
import { PageHead } from "~/ui/page-head";
import type { botsSearch } from "~/util/search";

const route = getRouteApi("/app/bots");
type Filters = ReturnType<typeof botsSearch>;

/** Every bot this person may see, searched, filtered and sorted by the server. */
export default function BotsPage() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const me = useMe();
  const { state, ...rest } = filters;
  const query = api.useInfiniteQuery(
    "get",
    "/v1/bots",
    { params: { query: { ...rest, state: state ? [state as BotState] : undefined, limit: 200 } } },
    KEYSET,
  );
  // From the address as it is then: a search that waited must not undo a sort that did not.
  const change = (part: Partial<Filters>) =>
    navigate({ search: (now) => ({ ...now, ...part }), replace: true });
  const pages = query.data?.pages;
  const mine = useMemo(
    () =>
      (pages ?? [])
        .flatMap((page) => page.items)
        .filter((bot) => holds(me, SCOPE.delete, bot.fleet)),
    [pages, me],
  );
  const selection = useSelection(mine);
  const { bulk, run, forget } = useBulk();
  const columns = botColumns(filters, change);
  const { sort, order, ...narrowing } = filters;
  const filtered = Object.values(narrowing).some(Boolean);

  return (
    <>
      <PageHead title={t.bots.title} actions={<NewBot />} />
      <BotFilters filters={filters} change={change} />
      {selection.chosen.length > 0 && (
        <BulkBar
          chosen={selection.chosen}
          busy={bulk !== null && bulk.answered < bulk.asked}
          run={(action) => run(action, selection.chosen)}
          clear={selection.clear}
        />
      )}
      {bulk && <BulkResult bulk={bulk} again={(bots) => run(bulk.action, bots)} forget={forget} />}
      <QueryTable
        label={t.bots.title}
        query={query}
        columns={mine.length > 0 ? [selectColumn(selection), ...columns] : columns}
        rowKey={(bot) => bot.id}
        empty={
          <EmptyState
            title={filtered ? t.bots.noMatchTitle : t.bots.emptyTitle}
            text={filtered ? t.bots.noMatchText : t.bots.emptyText}
            action={filtered && <TextLink to="/bots">{t.bots.clear}</TextLink>}
          />
        }
      />
    </>
  );
}
