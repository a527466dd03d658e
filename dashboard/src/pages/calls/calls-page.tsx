import { getRouteApi } from "@tanstack/react-router";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { CALL_COLUMNS } from "~/components/call-columns";
import { FilterBar } from "~/components/filter-bar";
import { TextLink } from "~/components/links";
import type { CallState } from "~/components/state-badge";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";
import { PageHead } from "~/ui/page-head";

const route = getRouteApi("/app/calls");
const STATES = Object.entries(t.states.call).map(([value, label]) => ({ value, label }));

/** Every model call, newest first, as it happens. */
export default function CallsPage() {
  const filters = route.useSearch();
  const { state, ...rest } = filters;
  const query = api.useInfiniteQuery(
    "get",
    "/v1/calls",
    { params: { query: { ...rest, state: state as CallState | undefined, limit: 100 } } },
    KEYSET,
  );
  const filtered = Object.values(filters).some(Boolean);
  return (
    <>
      <PageHead title={t.calls.title} lead={t.calls.lead} />
      <Filters />
      <QueryTable
        label={t.calls.title}
        query={query}
        columns={CALL_COLUMNS}
        rowKey={(call) => call.id}
        empty={
          filtered ? (
            <EmptyState
              title={t.calls.noMatchTitle}
              text={t.bots.noMatchText}
              action={<TextLink to="/calls">{t.calls.clear}</TextLink>}
            />
          ) : (
            <EmptyState title={t.calls.emptyTitle} text={t.calls.emptyText} />
          )
        }
      />
    </>
  );
}

function Filters() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const bots = api.useQuery("get", "/v1/bots", { params: { query: { limit: 500 } } });
  const names = bots.data?.items.map((bot) => ({ value: bot.id, label: bot.name })) ?? [];
  return (
    <FilterBar
      filters={[
        { key: "bot", label: t.calls.bot, placeholder: t.calls.anyBot, choices: names },
        { key: "state", label: t.calls.state, placeholder: t.calls.anyState, choices: STATES },
        { key: "model", label: t.calls.model, placeholder: t.calls.modelHint },
        { key: "trace", label: t.calls.trace, placeholder: t.calls.traceHint },
      ]}
      values={filters}
      change={(part) => navigate({ search: (now) => ({ ...now, ...part }), replace: true })}
    />
  );
}
