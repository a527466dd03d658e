import type { CallView } from "~/api/__generated__/schema";
import { BotName } from "~/components/bot-name";
import { Cost } from "~/components/cost";
import { TextLink } from "~/components/links";
import { CallBadge } from "~/components/state-badge";
import type { Column } from "~/table/query-table";
import { t } from "~/texts/en";
import { ago, count, duration } from "~/util/format";

/** Input of every class together: what the model read. */
const readTokens = (call: CallView): number =>
  call.input_tokens + call.cached_read_tokens + call.cache_write_tokens;

/** How long the whole answer took; null while it is under way. */
export const took = (call: CallView): number | null =>
  call.ended_at ? Date.parse(call.ended_at) - Date.parse(call.started_at) : null;

const started: Column<CallView> = {
  key: "started",
  header: t.calls.started,
  width: "7rem",
  cell: (call) => (
    <TextLink to="/calls/$call" params={{ call: call.id }}>
      <time dateTime={call.started_at}>{ago(call.started_at)}</time>
    </TextLink>
  ),
};

const bot: Column<CallView> = {
  key: "bot",
  header: t.calls.bot,
  width: "2fr",
  cell: (call) => <BotName id={call.bot_id} />,
};

const state: Column<CallView> = {
  key: "state",
  header: t.calls.state,
  width: "6rem",
  cell: (call) => <CallBadge state={call.state} />,
};

const model: Column<CallView> = {
  key: "model",
  header: t.calls.model,
  width: "2fr",
  cell: (call) => call.upstream_model,
  wideOnly: true,
};

const tokens: Column<CallView> = {
  key: "tokens",
  header: t.calls.tokens,
  width: "9rem",
  cell: (call) => `${count(readTokens(call))} / ${count(call.output_tokens)}`,
  wideOnly: true,
};

const cost: Column<CallView> = {
  key: "cost",
  header: t.calls.cost,
  width: "11rem",
  cell: (call) => <Cost usd={call.cost_usd} priced={call.priced} demo={call.demo} />,
};

const latency: Column<CallView> = {
  key: "latency",
  header: t.calls.latency,
  width: "5rem",
  cell: (call) => {
    const ms = took(call);
    return ms === null ? "" : duration(ms);
  },
  wideOnly: true,
};

/** Where there is no room for both, whose call it was says more than what it cost. */
export const CALL_COLUMNS: readonly Column<CallView>[] = [
  started,
  bot,
  state,
  model,
  tokens,
  { ...cost, wideOnly: true },
  latency,
];
/** The same where the bot is plain: on its own page. */
export const CALL_COLUMNS_OF_BOT: readonly Column<CallView>[] = [
  started,
  state,
  model,
  tokens,
  cost,
  latency,
];
