import { Alert, Group, Tabs, Text } from "@mantine/core";
import { getRouteApi, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { api } from "~/api/client";
import { asFault } from "~/api/faults";
import { BotActions } from "~/components/bot-actions";
import { Fault } from "~/components/fault";
import { TextLink } from "~/components/links";
import { BotBadge } from "~/components/state-badge";
import { useHolds } from "~/components/use-me";
import { t } from "~/texts/en";
import { EmptyState, LoadingRows } from "~/ui/drawn-states";
import { PageHead } from "~/ui/page-head";
import { pb } from "~/util/path-builder";

const route = getRouteApi("/app/bots/$bot");

const NOT_THERE = 404;

/** One bot: how it is, what can be asked of it, and its pages. */
export default function BotLayout() {
  const { bot: name } = route.useParams();
  const query = api.useQuery("get", "/v1/bots/{bot}", { params: { path: { bot: name } } });
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const mayCalls = useHolds("call:read");
  if (query.isPending) return <LoadingRows label={t.common.loading} />;
  if (asFault(query.error).status === NOT_THERE) return <Gone name={name} />;
  if (!query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  const bot = query.data;
  const tabs: readonly (readonly [string, string])[] = [
    [pb.bot(name), t.bot.overview],
    [pb.botChat(name), t.bot.chat],
    ...(mayCalls ? [[pb.botCalls(name), t.bot.calls] as const] : []),
    [pb.botLogs(name), t.logs.title],
    [pb.botCommands(name), t.bot.commands],
    [pb.botRevisions(name), t.revisions.title],
    [pb.botConfiguration(name), t.configuration.title],
  ];
  const here = pathname.replace(/\/$/, "");
  return (
    <>
      <PageHead
        title={bot.name}
        part={tabs.find(([to]) => to === here)?.[1]}
        lead={
          <Group gap="xs">
            <BotBadge state={bot.state} />
            <Text size="sm">{bot.reason}</Text>
          </Group>
        }
        actions={<BotActions bot={bot} />}
      />
      {bot.deleting && (
        <Alert color="gray" role="status" mb="lg" title={t.bot.deletedTitle(bot.name)}>
          <Text size="sm" mb="xs">
            {t.bot.deletedText}
          </Text>
          <TextLink to="/bots">{t.bot.toList}</TextLink>
        </Alert>
      )}
      <Tabs
        value={here}
        onChange={(to) => to !== null && navigate({ to })}
        mb="lg"
        keepMounted={false}
      >
        <Tabs.List aria-label={t.bot.tabs}>
          {tabs.map(([to, label]) => (
            <Tabs.Tab key={to} value={to}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <Outlet />
    </>
  );
}

/** Where a bot is no more, or never was: by its name nobody can tell which. */
function Gone({ name }: { name: string }) {
  return (
    <>
      <PageHead title={name} />
      <EmptyState
        title={t.bot.goneTitle(name)}
        text={t.bot.goneText}
        action={<TextLink to="/bots">{t.bot.toList}</TextLink>}
      />
    </>
  );
}
