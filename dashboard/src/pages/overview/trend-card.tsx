import { Table } from "@mantine/core";
import { useMemo } from "react";
import { Fault } from "~/components/fault";
import { useTrend } from "~/pages/overview/use-trend";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { LineChart } from "~/ui/line-chart";
import { Section } from "~/ui/section";
import { count, usd } from "~/util/format";

const amount = (value: number) => usd(value.toFixed(6), 4);

/** Cost by day as a line, and the same as a table for who cannot or will not see it. */
export function TrendCard() {
  const trend = useTrend();
  const days = trend.data?.days;
  const points = useMemo(
    () => days?.map((one) => [Date.parse(one.day) / 1000, Number(one.cost_usd)] as const),
    [days],
  );
  return (
    <Section title={t.overview.trend}>
      {trend.isPending && <LoadingRows label={t.common.loading} rows={3} />}
      {!trend.data && trend.error !== null && (
        <Fault error={trend.error} onRetry={() => trend.refetch()} />
      )}
      {points && <LineChart points={points} format={amount} />}
      {days && (
        <details>
          <summary>{t.overview.showTable}</summary>
          <Table fz="sm" verticalSpacing={2}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.overview.day}</Table.Th>
                <Table.Th>{t.overview.calls}</Table.Th>
                <Table.Th>{t.overview.cost}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {days.map((one) => (
                <Table.Tr key={one.day}>
                  <Table.Td>{one.day}</Table.Td>
                  <Table.Td>{count(one.calls)}</Table.Td>
                  <Table.Td>{usd(one.cost_usd)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </details>
      )}
    </Section>
  );
}
