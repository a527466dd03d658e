import { Table, Text } from "@mantine/core";
import type { AppliedView } from "~/api/__generated__/schema";
import classes from "~/components/plan-diff.module.css";
import { t } from "~/texts/en";
import { fieldName, type PlanLine, planLines } from "~/util/plan";

const ORDER = Object.keys(t.plan.fields);

/** Where a path stands among those that have a name; the others follow. */
function rank(path: string): number {
  const place = ORDER.indexOf(path);
  return place < 0 ? ORDER.length : place;
}

const worded = (path: string, value: string): string => t.plan.values[path]?.[value] ?? value;

/** What the server says would change (`POST /v1/apply` with `dry_run`), before it does. */
export function PlanDiff({ plan }: { plan: AppliedView }) {
  const lines = planLines(plan.changes).toSorted((a, b) => rank(a.path) - rank(b.path));
  const isNew = plan.outcome === "created";
  const words: Record<AppliedView["outcome"], string> = {
    created: t.plan.created(plan.name),
    changed: t.plan.changed(plan.name, lines.length),
    unchanged: t.plan.unchanged(plan.name),
  };
  return (
    <>
      <Text mb="xs">{words[plan.outcome]}</Text>
      {lines.length > 0 && (
        <DiffTable
          label={t.plan.label(plan.name)}
          lines={lines}
          from={isNew ? null : t.plan.now}
          to={isNew ? t.plan.value : t.plan.after}
        />
      )}
    </>
  );
}

/** What differs between two documents, line by line; without `from` there is only one. */
export function DiffTable(props: {
  label: string;
  lines: readonly PlanLine[];
  from: string | null;
  to: string;
}) {
  const alone = props.from === null;
  return (
    <Table aria-label={props.label} layout="fixed" className={classes.plan}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t.plan.what}</Table.Th>
          {!alone && <Table.Th>{props.from}</Table.Th>}
          <Table.Th className={alone ? classes.wide : undefined}>{props.to}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {props.lines.map(({ path, before, after }) => (
          <Table.Tr key={path}>
            <Table.Th scope="row" fw={500}>
              {fieldName(path) ?? <span className="mono">{path}</span>}
            </Table.Th>
            {!alone && (
              <Table.Td>
                {before === null ? <Nothing /> : <del>{worded(path, before)}</del>}
              </Table.Td>
            )}
            <Table.Td>{after === null ? <Nothing /> : <ins>{worded(path, after)}</ins>}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Nothing() {
  return <span className="quiet">{t.plan.nothing}</span>;
}
