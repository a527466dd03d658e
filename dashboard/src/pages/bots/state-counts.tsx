import { useSearch } from "@tanstack/react-router";
import type { BotState, BotsSummary } from "~/api/__generated__/schema";
import { TextLink } from "~/components/links";
import classes from "~/pages/bots/state-counts.module.css";
import { t } from "~/texts/en";
import { count } from "~/util/format";

/** How many bots there are in each state; a state shows its bots alone. */
export function StateCounts({ summary }: { summary: BotsSummary }) {
  const { state } = useSearch({ from: "/app/bots" });
  const states = (Object.entries(summary.states) as [BotState, number][]).filter(
    ([name, bots]) => bots > 0 || name === state,
  );
  return (
    <ul className={classes.counts} aria-label={t.bots.byState}>
      <li>
        <One label={t.bots.all} bots={summary.total} />
      </li>
      {states.map(([name, bots]) => (
        <li key={name}>
          <One state={name} label={t.states.bot[name]} bots={bots} />
        </li>
      ))}
    </ul>
  );
}

function One(props: { state?: BotState; label: string; bots: number }) {
  return (
    <TextLink
      from="/bots"
      to="."
      search={(now) => ({ ...now, state: props.state })}
      replace
      activeOptions={{ exact: true }}
    >
      {`${props.label} ${count(props.bots)}`}
    </TextLink>
  );
}
