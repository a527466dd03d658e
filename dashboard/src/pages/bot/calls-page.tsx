import { getRouteApi } from "@tanstack/react-router";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { CALL_COLUMNS_OF_BOT } from "~/components/call-columns";
import { Fault } from "~/components/fault";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState, LoadingRows } from "~/ui/drawn-states";

const route = getRouteApi("/app/bots/$bot/calls");

/** The model calls of one bot, newest first. */
export default function BotCallsPage() {
  const { bot: name } = route.useParams();
  const bot = api.useQuery("get", "/v1/bots/{bot}", { params: { path: { bot: name } } });
  if (bot.isPending) return <LoadingRows label={t.common.loading} />;
  if (!bot.data) return <Fault error={bot.error} onRetry={() => bot.refetch()} />;
  return <Calls id={bot.data.id} />;
}

function Calls({ id }: { id: string }) {
  const query = api.useInfiniteQuery(
    "get",
    "/v1/calls",
    { params: { query: { bot: id, limit: 100 } } },
    KEYSET,
  );
  return (
    <QueryTable
      label={t.bot.calls}
      query={query}
      columns={CALL_COLUMNS_OF_BOT}
      rowKey={(call) => call.id}
      empty={<EmptyState title={t.bot.noCallsTitle} text={t.bot.noCallsText} />}
    />
  );
}
