import { SimpleGrid, Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { BotDetail, PlacementView } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { asFault } from "~/api/faults";
import { Fault } from "~/components/fault";
import { When } from "~/components/when";
import { Means } from "~/pages/bot/means";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { Facts } from "~/ui/facts";
import { Section } from "~/ui/section";
import { duration } from "~/util/format";

const NOT_THERE = 404;
const route = getRouteApi("/app/bots/$bot");

/** What a bot is and how it runs, with what its runtime says it has. */
export default function BotOverviewPage() {
  const { bot: name } = route.useParams();
  const params = { params: { path: { bot: name } } };
  const bot = api.useQuery("get", "/v1/bots/{bot}", params);
  const placement = api.useQuery("get", "/v1/bots/{bot}/placement", params, { retry: false });
  // A bot that was made stopped has no placement: that is no fault.
  const neverPlaced = asFault(placement.error).status === NOT_THERE;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Section title={t.bot.facts}>{bot.data && <What bot={bot.data} />}</Section>
      <Section title={t.bot.means}>{bot.data && <Means bot={bot.data} />}</Section>
      <Section title={t.bot.placement}>
        {placement.isPending && <LoadingRows label={t.common.loading} rows={4} />}
        {neverPlaced && <Text className="quiet">{t.bot.notPlaced}</Text>}
        {!placement.data && placement.error !== null && !neverPlaced && (
          <Fault error={placement.error} onRetry={() => placement.refetch()} />
        )}
        {placement.data && <How placement={placement.data} />}
      </Section>
      {placement.data?.report?.inventory && (
        <Inventory inventory={placement.data.report.inventory} />
      )}
    </SimpleGrid>
  );
}

function What({ bot }: { bot: BotDetail }) {
  const labels = Object.entries(bot.labels).map(([key, value]) => `${key}=${value}`);
  return (
    <Facts
      label={t.bot.facts}
      rows={[
        [t.bot.since, <When key="since" at={bot.state_since} />],
        [t.bot.desired, t.states.desired[bot.desired]],
        [t.bot.runtime, bot.runtime],
        [t.bot.model, bot.model],
        [t.bot.target, bot.target],
        [t.bot.fleet, bot.fleet],
        [t.bot.labels, labels.join(", ") || t.common.none],
        [t.bot.revision, bot.revision],
      ]}
    />
  );
}

function How({ placement }: { placement: PlacementView }) {
  const report = placement.report;
  if (!report) return <Text className="quiet">{t.bot.notPlaced}</Text>;
  const phases = Object.entries(report.phases).map(
    ([name, seconds]) => `${name} ${duration(seconds * 1000)}`,
  );
  return (
    <>
      <Facts
        label={t.bot.placement}
        rows={[
          [t.bot.connected, placement.connected ? t.bot.isConnected : t.bot.isAway],
          [t.bot.run, t.states.run[report.run]],
          [t.bot.phases, phases.join(", ") || t.common.none],
          [t.bot.restarts, report.restarts],
          [t.bot.generation, placement.generation],
        ]}
      />
      <Stack gap={4} mt="sm">
        {[...report.findings, ...report.issues].map((one) => (
          <Text size="sm" key={one.message}>
            {one.message}
          </Text>
        ))}
      </Stack>
    </>
  );
}

type Reported = NonNullable<NonNullable<PlacementView["report"]>["inventory"]>;

function Inventory({ inventory }: { inventory: Reported }) {
  return (
    <>
      <Section title={t.bot.channels}>
        {inventory.problem && <Text size="sm">{inventory.problem}</Text>}
        {inventory.channels.length === 0 && <Text className="quiet">{t.bot.noneReported}</Text>}
        <Facts
          label={t.bot.channels}
          rows={inventory.channels.map((one) => [
            one.name,
            [t.states.channel[one.state], one.detail].filter(Boolean).join(": "),
          ])}
        />
      </Section>
      <Section title={t.bot.skills}>
        {inventory.skills.length === 0 && <Text className="quiet">{t.bot.noneReported}</Text>}
        <Facts
          label={t.bot.skills}
          rows={inventory.skills.map((one) => [
            one.name,
            [one.ready ? t.bot.ready : t.bot.notReady, one.detail].filter(Boolean).join(": "),
          ])}
        />
      </Section>
    </>
  );
}
