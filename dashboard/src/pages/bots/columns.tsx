import type { BotView } from "~/api/__generated__/schema";
import { TextLink } from "~/components/links";
import { BotBadge } from "~/components/state-badge";
import { When } from "~/components/when";
import type { Column } from "~/table/query-table";
import { SortHeader } from "~/table/sort-header";
import { t } from "~/texts/en";
import { Check } from "~/ui/check";
import type { botsSearch } from "~/util/search";

type Filters = ReturnType<typeof botsSearch>;
type Sort = NonNullable<Filters["sort"]>;

/** Which bots are ticked; only those of which something may be asked have a box. */
export interface Selection {
  among: readonly BotView[];
  ids: ReadonlySet<string>;
  select: (bots: readonly BotView[], selected: boolean) => void;
}

/** The column of boxes; the one in the header stands for every bot that is loaded. */
export function selectColumn({ among, ids, select }: Selection): Column<BotView> {
  const may = new Set(among.map((bot) => bot.id));
  const all = among.length > 0 && among.every((bot) => ids.has(bot.id));
  return {
    key: "select",
    header: (
      <Check
        label={t.bots.selectAll(among.length)}
        checked={all}
        mixed={ids.size > 0 && !all}
        onChange={(selected) => select(among, selected)}
      />
    ),
    width: "1.5rem",
    cell: (bot) =>
      may.has(bot.id) && (
        <Check
          label={t.bots.select(bot.name)}
          checked={ids.has(bot.id)}
          onChange={(selected) => select([bot], selected)}
        />
      ),
  };
}

/** The columns of the table of bots; pressing a sorted header turns its order. */
export function botColumns(
  filters: Filters,
  change: (part: Partial<Filters>) => void,
): Column<BotView>[] {
  const sorted = (sort: Sort) => {
    if (filters.sort !== sort) return "none";
    return filters.order === "desc" ? "descending" : "ascending";
  };
  const header = (sort: Sort, label: string) => (
    <SortHeader
      label={label}
      sorted={sorted(sort)}
      onSort={() => change({ sort, order: sorted(sort) === "ascending" ? "desc" : "asc" })}
    />
  );
  return [
    {
      key: "name",
      header: header("name", t.bots.name),
      sorted: sorted("name"),
      width: "2fr",
      cell: (bot) => (
        <TextLink to="/bots/$bot" params={{ bot: bot.name }}>
          {bot.name}
        </TextLink>
      ),
    },
    {
      key: "state",
      header: t.bots.state,
      width: "8rem",
      cell: (bot) => <BotBadge state={bot.state} />,
    },
    {
      key: "reason",
      header: t.bots.reason,
      width: "3fr",
      cell: (bot) => bot.reason,
      wideOnly: true,
    },
    {
      key: "runtime",
      header: t.bots.runtime,
      width: "6rem",
      cell: (bot) => bot.runtime,
      wideOnly: true,
    },
    { key: "model", header: t.bots.model, width: "1fr", cell: (bot) => bot.model, wideOnly: true },
    { key: "fleet", header: t.bots.fleet, width: "1fr", cell: (bot) => bot.fleet, wideOnly: true },
    {
      key: "changed",
      header: header("changed", t.bots.changed),
      sorted: sorted("changed"),
      width: "7rem",
      cell: (bot) => <When at={bot.state_since} />,
      wideOnly: true,
    },
  ];
}
