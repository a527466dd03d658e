import { Table } from "@mantine/core";
import type { ReactNode } from "react";

/** Names and values, as a table with row headers. */
export function Facts(props: { label: string; rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <Table aria-label={props.label} withRowBorders={false} verticalSpacing={4}>
      <Table.Tbody>
        {props.rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th
              w="min(12rem, 32vw)"
              fw={500}
              className="quiet"
              style={{ verticalAlign: "top" }}
            >
              {name}
            </Table.Th>
            <Table.Td>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
