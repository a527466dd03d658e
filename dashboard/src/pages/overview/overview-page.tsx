import { Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { BotsSummary } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { holds } from "~/api/session";
import { Fault } from "~/components/fault";
import { NewBot } from "~/components/new-bot";
import { useHolds, useMe } from "~/components/use-me";
import { BotsCard } from "~/pages/overview/bots-card";
import { ChangesCard } from "~/pages/overview/changes-card";
import { nextAction } from "~/pages/overview/next-action";
import { OnlyBot } from "~/pages/overview/only-bot";
import { TodayCard } from "~/pages/overview/today-card";
import { TrendCard } from "~/pages/overview/trend-card";
import { t } from "~/texts/en";
import { EmptyState, LoadingRows } from "~/ui/drawn-states";
import { PageHead } from "~/ui/page-head";

/** What runs, what it costs, what is wrong, and the one next thing to do. */
export default function OverviewPage() {
  const summary = api.useQuery("get", "/v1/bots/summary");
  if (summary.isPending) return <LoadingRows label={t.common.loading} />;
  if (!summary.data) return <Fault error={summary.error} onRetry={() => summary.refetch()} />;
  if (summary.data.total === 0)
    return (
      <>
        <PageHead title={t.overview.title} />
        <EmptyState title={t.overview.emptyTitle} text={t.overview.emptyText} action={<NewBot />} />
      </>
    );
  return <Filled summary={summary.data} />;
}

/** Each card reads for itself: one that cannot be read does not take the others along. */
function Filled({ summary }: { summary: BotsSummary }) {
  const mayCost = useHolds("call:read");
  return (
    <>
      <PageHead title={t.overview.title} actions={<Next summary={summary} />} />
      <Stack>
        {summary.total === 1 && <OnlyBot />}
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <BotsCard summary={summary} />
          {mayCost && <TodayCard />}
          {mayCost && <TrendCard />}
          <ChangesCard />
        </SimpleGrid>
      </Stack>
    </>
  );
}

function Next({ summary }: { summary: BotsSummary }) {
  const me = useMe();
  const providers = api.useQuery(
    "get",
    "/v1/providers",
    { params: { query: { limit: 100 } } },
    { enabled: holds(me, "provider:write") },
  );
  const budgets = api.useQuery(
    "get",
    "/v1/budgets",
    { params: { query: { limit: 500 } } },
    { enabled: holds(me, "budget:write") },
  );
  const next = nextAction(me, summary, providers.data?.items, budgets.data?.items);
  if (!next) return null;
  return (
    <Group gap="xs">
      <Text size="sm" className="quiet">
        {t.overview.next}
      </Text>
      <Button
        component={Link}
        to={next.to}
        variant="light"
        rightSection={<IconArrowRight size={16} aria-hidden />}
      >
        {next.label}
      </Button>
    </Group>
  );
}
