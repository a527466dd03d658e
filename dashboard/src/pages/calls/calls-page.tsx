import { Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { CALL_COLUMNS } from "~/components/call-columns";
import { TextLink } from "~/components/links";
import type { CallState } from "~/components/state-badge";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";
import { PageHead } from "~/ui/page-head";
import type { callsSearch } from "~/util/search";

const route = getRouteApi("/app/calls");
const STATES = Object.entries(t.states.call).map(([value, label]) => ({ value, label }));
type Filters = ReturnType<typeof callsSearch>;

/** Every model call, newest first, as it happens. */
export default function CallsPage() {
  const filters = route.useSearch();
  const { state, ...rest } = filters;
  const query = api.useInfiniteQuery(
    "get",
    "/v1/calls",
    { params: { query: { ...rest, state: state as CallState | undefined, limit: 100 } } },
    KEYSET,
  );
  const filtered = Object.values(filters).some(Boolean);
  return (
    <>
      <PageHead title={t.calls.title} lead={t.calls.lead} />
      <FilterBar />
      <QueryTable
        label={t.calls.title}
        query={query}
        columns={CALL_COLUMNS}
        rowKey={(call) => call.id}
        empty={
          filtered ? (
            <EmptyState
              title={t.calls.noMatchTitle}
              text={t.bots.noMatchText}
              action={<TextLink to="/calls">{t.calls.clear}</TextLink>}
            />
          ) : (
            <EmptyState title={t.calls.emptyTitle} text={t.calls.emptyText} />
          )
        }
      />
    </>
  );
}

function FilterBar() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<Filters>) =>
    navigate({ search: (now) => ({ ...now, ...part }), replace: true });
  const bots = api.useQuery("get", "/v1/bots", { params: { query: { limit: 500 } } });
  const names = bots.data?.items.map((bot) => ({ value: bot.id, label: bot.name })) ?? [];
  return (
    <Group mb="md" align="flex-end">
      <Select
        label={t.calls.bot}
        placeholder={t.calls.anyBot}
        data={names}
        value={filters.bot ?? null}
        onChange={(bot) => change({ bot: bot ?? undefined })}
        searchable
        clearable
      />
      <Select
        label={t.calls.state}
        placeholder={t.calls.anyState}
        data={STATES}
        value={filters.state ?? null}
        onChange={(state) => change({ state: state ?? undefined })}
        clearable
      />
      <Words label={t.calls.model} value={filters.model} onChange={(model) => change({ model })} />
      <Words
        label={t.calls.trace}
        placeholder={t.calls.traceHint}
        value={filters.trace}
        onChange={(trace) => change({ trace })}
      />
    </Group>
  );
}

function Words(props: {
  label: string;
  placeholder?: string;
  value: string | undefined;
  onChange: (text: string | undefined) => void;
}) {
  const [text, setText] = useState(props.value ?? "");
  const tell = useDebouncedCallback((now: string) => props.onChange(now.trim() || undefined), 300);
  return (
    <TextInput
      label={props.label}
      placeholder={props.placeholder}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
    />
  );
}
