import { getRouteApi } from "@tanstack/react-router";
import type { BotState } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { FilterBar } from "~/components/filter-bar";
import { TextLink } from "~/components/links";
import { NewBot } from "~/components/new-bot";
import { botColumns } from "~/pages/bots/columns";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";
import { PageHead } from "~/ui/page-head";
import type { botsSearch } from "~/util/search";

const route = getRouteApi("/app/bots");
const STATES = Object.entries(t.states.bot).map(([value, label]) => ({ value, label }));
type Filters = ReturnType<typeof botsSearch>;

/** Every bot this person may see, searched, filtered and sorted by the server. */
export default function BotsPage() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
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
  const filtered = Object.values(filters).some(Boolean);

  return (
    <>
      <PageHead title={t.bots.title} actions={<NewBot />} />
      <FilterBar
        filters={[
          { key: "q", label: t.bots.search, placeholder: t.bots.searchHint },
          { key: "state", label: t.bots.state, placeholder: t.bots.anyState, choices: STATES },
        ]}
        values={filters}
        change={change}
      />
      <QueryTable
        label={t.bots.title}
        query={query}
        columns={botColumns(filters, change)}
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
