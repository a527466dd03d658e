import { Stack } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { Difference } from "~/pages/bot/difference";
import { revisionColumns } from "~/pages/bot/revision-columns";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";

const route = getRouteApi("/app/bots/$bot/revisions");

/** What a bot was like before: every revision, and what differs between any two. */
export default function RevisionsPage() {
  const { bot: name } = route.useParams();
  const chosen = route.useSearch();
  const navigate = route.useNavigate();
  const bot = api.useQuery("get", "/v1/bots/{bot}", { params: { path: { bot: name } } });
  const query = api.useInfiniteQuery(
    "get",
    "/v1/bots/{bot}/revisions",
    { params: { path: { bot: name }, query: { limit: 100 } } },
    KEYSET,
  );
  const known = query.data?.pages.flatMap((page) => page.items) ?? [];
  const oldest = known.at(-1)?.number ?? 1;
  // A link may name revisions that lie further back than what is read at first.
  const further = Math.min(chosen.from ?? oldest, chosen.to ?? oldest) < oldest;
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query;
  useEffect(() => {
    if (further && hasNextPage && !isFetching && !isFetchNextPageError) fetchNextPage();
  }, [further, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);

  return (
    <Stack>
      <QueryTable
        label={t.revisions.title}
        query={query}
        columns={revisionColumns(known, bot.data?.revision)}
        rowKey={(one) => one.id}
        empty={<EmptyState title={t.revisions.emptyTitle} text={t.revisions.emptyText} />}
        height="18rem"
      />
      {known.length > 0 && (
        <Difference
          known={known}
          from={chosen.from}
          to={chosen.to}
          reading={further && hasNextPage && !isFetchNextPageError}
          choose={(part) =>
            navigate({
              search: (now) => ({ ...now, ...part }),
              replace: true,
              resetScroll: false,
            })
          }
        />
      )}
    </Stack>
  );
}
