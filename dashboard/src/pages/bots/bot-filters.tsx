import { api } from "~/api/client";
import { type Filter, FilterBar } from "~/components/filter-bar";
import { StateCounts } from "~/pages/bots/state-counts";
import { t } from "~/texts/en";
import type { botsSearch } from "~/util/search";

type Filters = ReturnType<typeof botsSearch>;

/** What narrows the list of bots. A filter with one choice alone would narrow nothing. */
export function BotFilters(props: { filters: Filters; change: (part: Partial<Filters>) => void }) {
  const { filters, change } = props;
  const summary = api.useQuery("get", "/v1/bots/summary");
  const runtimes = api.useQuery("get", "/v1/runtimes");
  const fleets = summary.data?.fleets ?? [];
  const names = (runtimes.data ?? []).map((one) => one.name);
  const shown: Filter<"q" | "fleet" | "runtime">[] = [
    { key: "q", label: t.bots.search, placeholder: t.bots.searchHint },
  ];
  if (fleets.length > 1 || filters.fleet)
    shown.push({
      key: "fleet",
      label: t.bots.fleet,
      placeholder: t.bots.anyFleet,
      choices: choices(fleets, filters.fleet),
    });
  if (names.length > 1 || filters.runtime)
    shown.push({
      key: "runtime",
      label: t.bots.runtime,
      placeholder: t.bots.anyRuntime,
      choices: choices(names, filters.runtime),
    });
  return (
    <>
      <FilterBar filters={shown} values={filters} change={change} />
      {summary.data && <StateCounts summary={summary.data} />}
    </>
  );
}

/** The names to choose from, and what the address says if it is none of them. */
function choices(names: readonly string[], chosen: string | undefined) {
  const all = new Set(chosen ? [...names, chosen] : names);
  return [...all].map((name) => ({ value: name, label: name }));
}
