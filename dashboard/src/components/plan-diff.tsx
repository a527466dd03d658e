import { Table, Text } from "@mantine/core";
import type { AppliedView } from "~/api/__generated__/schema";
import classes from "~/components/plan-diff.module.css";
import { t } from "~/texts/en";
import { planLines } from "~/util/plan";

/** What the server says would change (`POST /v1/apply` with `dry_run`), before it does. */
export function PlanDiff({ plan }: { plan: AppliedView }) {
  const lines = planLines(plan.changes);
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
        <Table aria-label={t.plan.label(plan.name)} layout="fixed" className={classes.plan}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.plan.what}</Table.Th>
              {!isNew && <Table.Th>{t.plan.now}</Table.Th>}
              <Table.Th className={isNew ? classes.wide : undefined}>{t.plan.after}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map(({ path, before, after }) => (
              <Table.Tr key={path}>
                <Table.Th scope="row" fw={500}>
                  {t.plan.fields[path] ?? <span className="mono">{path}</span>}
                </Table.Th>
                {!isNew && (
                  <Table.Td>{before === null ? <Nothing /> : <del>{before}</del>}</Table.Td>
                )}
                <Table.Td>{after === null ? <Nothing /> : <ins>{after}</ins>}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </>
  );
}

function Nothing() {
  return <span className="quiet">{t.plan.nothing}</span>;
}
