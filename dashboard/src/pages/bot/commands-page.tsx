import { Card, Group, List, Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { api } from "~/api/client";
import { Fault } from "~/components/fault";
import { OperationBadge } from "~/components/state-badge";
import { When } from "~/components/when";
import { t } from "~/texts/en";
import { EmptyState, LoadingRows } from "~/ui/drawn-states";
import { moment } from "~/util/format";

const route = getRouteApi("/app/bots/$bot");

/** What was asked of a bot, the newest first, with every step on the way. */
export default function CommandsPage() {
  const { bot: name } = route.useParams();
  const bot = api.useQuery("get", "/v1/bots/{bot}", { params: { path: { bot: name } } });
  const query = api.useQuery(
    "get",
    "/v1/operations",
    { params: { query: { subject: bot.data?.id, limit: 50 } } },
    { enabled: bot.data !== undefined },
  );
  if (!query.data && query.error !== null)
    return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <LoadingRows label={t.common.loading} />;
  if (query.data.items.length === 0)
    return <EmptyState title={t.bot.commands} text={t.bot.noCommands} />;
  return (
    <Stack>
      {query.data.items.map((one) => (
        <Card withBorder key={one.id} component="section" aria-label={one.kind}>
          <Group gap="xs">
            <OperationBadge state={one.state} />
            <Text fw={600}>{one.kind}</Text>
            <Text size="sm" className="quiet">
              <When at={one.begun_at} />
            </Text>
          </Group>
          {one.error && <Text size="sm">{one.error}</Text>}
          <List size="sm" mt="xs">
            {one.steps.map((step) => (
              <List.Item key={step.at + step.words}>{`${moment(step.at)} ${step.words}`}</List.Item>
            ))}
          </List>
        </Card>
      ))}
    </Stack>
  );
}
