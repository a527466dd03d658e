import { Group } from "@mantine/core";
import { getRouteApi, Outlet } from "@tanstack/react-router";
import { api } from "~/api/client";
import { BotActions } from "~/components/bot-actions";
import { Fault } from "~/components/fault";
import { TextLink } from "~/components/links";
import { BotBadge } from "~/components/state-badge";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { PageHead } from "~/ui/page-head";

const route = getRouteApi("/app/bots/$bot");

/** One bot: its state, what can be asked of it, and the ways to its parts. */
export default function BotLayout() {
  const { bot: name } = route.useParams();
  const query = api.useQuery("get", "/v1/bots/{bot}", { params: { path: { bot: name } } });
  if (query.isPending) return <LoadingRows label={t.common.loading} />;
  if (!query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  const bot = query.data;
  return (
    <>
      <PageHead
        title={bot.name}
        lead={
          <Group gap="xs">
            <BotBadge state={bot.state} />
            {bot.reason}
          </Group>
        }
        actions={<BotActions bot={bot} />}
      />
      <Group component="nav" aria-label={t.bot.tabs} mb="md">
        <TextLink to="/bots/$bot/calls" params={{ bot: name }}>
          {t.bot.calls}
        </TextLink>
      </Group>
      <Outlet />
    </>
  );
}
