import { Card, SimpleGrid, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { CallView } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { BotName } from "~/components/bot-name";
import { CALL_COLUMNS, took } from "~/components/call-columns";
import { Cost } from "~/components/cost";
import { Fault } from "~/components/fault";
import { CallBadge } from "~/components/state-badge";
import { When } from "~/components/when";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { Copyable } from "~/ui/copyable";
import { LoadingRows } from "~/ui/drawn-states";
import { Facts } from "~/ui/facts";
import { PageHead } from "~/ui/page-head";
import { count, duration } from "~/util/format";

const route = getRouteApi("/app/calls/$call");
const copyable = (value: string) => (
  <Copyable value={value} copy={t.common.copy} copied={t.common.copied} />
);

/** One model call: what was asked, what it used and cost, how long it took. */
export default function CallPage() {
  const { call: id } = route.useParams();
  const query = api.useQuery("get", "/v1/calls/{call}", { params: { path: { call: id } } });
  const call = query.data;
  return (
    <>
      <PageHead
        title={t.calls.one}
        lead={call && <When at={call.started_at} />}
        actions={call && <CallBadge state={call.state} />}
      />
      {query.isPending && <LoadingRows label={t.common.loading} />}
      {query.isLoadingError && <Fault error={query.error} onRetry={() => query.refetch()} />}
      {call && <Known call={call} />}
    </>
  );
}

function Known({ call }: { call: CallView }) {
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Asked call={call} />
        <Used call={call} />
      </SimpleGrid>
      <Title order={2} size="h4" mt="lg" mb="sm">
        {t.calls.attempts}
      </Title>
      <Attempts trace={call.trace_id} />
    </>
  );
}

function Asked({ call }: { call: CallView }) {
  return (
    <Card withBorder component="section" aria-label={t.calls.details}>
      <Facts
        label={t.calls.details}
        rows={[
          [t.calls.bot, <BotName key="bot" id={call.bot_id} />],
          [t.calls.route, call.model],
          [t.calls.model, call.upstream_model],
          [t.calls.provider, copyable(call.provider_id)],
          [t.calls.format, `${call.format}, ${call.stream ? t.calls.stream : t.calls.plain}`],
          [t.calls.status, call.http_status || t.calls.notYet],
          [t.calls.fault, call.fault || t.common.none],
          [t.calls.generation, call.generation],
          [t.calls.trace, copyable(call.trace_id)],
          [t.calls.id, copyable(call.id)],
        ]}
      />
    </Card>
  );
}

function Used({ call }: { call: CallView }) {
  const whole = took(call);
  const first = call.first_at ? Date.parse(call.first_at) - Date.parse(call.started_at) : null;
  return (
    <Card withBorder component="section" aria-label={t.calls.tokensByClass}>
      <Facts
        label={t.calls.tokensByClass}
        rows={[
          [
            t.calls.cost,
            <Cost key="cost" usd={call.cost_usd} priced={call.priced} demo={call.demo} />,
          ],
          [t.calls.input, count(call.input_tokens)],
          [t.calls.cachedRead, count(call.cached_read_tokens)],
          [t.calls.cacheWrite, count(call.cache_write_tokens)],
          [t.calls.output, count(call.output_tokens)],
          [t.calls.reasoning, count(call.reasoning_tokens)],
          [t.calls.source, call.usage_source],
          [t.calls.price, call.price_id ? copyable(call.price_id) : t.common.unpriced],
          [t.calls.firstByte, first === null ? t.calls.notYet : duration(first)],
          [t.calls.total, whole === null ? t.calls.notYet : duration(whole)],
        ]}
      />
    </Card>
  );
}

function Attempts({ trace }: { trace: string }) {
  const query = api.useInfiniteQuery(
    "get",
    "/v1/calls",
    { params: { query: { trace, limit: 50 } } },
    KEYSET,
  );
  return (
    <QueryTable
      label={t.calls.attempts}
      query={query}
      columns={CALL_COLUMNS}
      rowKey={(call) => call.id}
      empty={null}
      height="24rem"
    />
  );
}
