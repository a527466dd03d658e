import { getRouteApi } from "@tanstack/react-router";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { CALL_COLUMNS_OF_BOT } from "~/components/call-columns";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";

const route = getRouteApi("/app/bots/$bot");

/** The model calls of one bot, newest first, as they happen. */
export default function BotCallsPage() {
  const { bot: name } = route.useParams();
  const bot = api.useQuery("get", "/v1/bots/{bot}", { params: { path: { bot: name } } });
  const query = api.useInfiniteQuery(
    "get",
    "/v1/calls",
    { params: { query: { bot: bot.data?.id, limit: 100 } } },
    { ...KEYSET, enabled: bot.data !== undefined },
  );
  return (
    <QueryTable
      label={t.bot.calls}
      query={query}
      columns={CALL_COLUMNS_OF_BOT}
      rowKey={(call) => call.id}
      empty={<EmptyState title={t.calls.emptyTitle} text={t.bot.noCalls} />}
    />
  );
}
