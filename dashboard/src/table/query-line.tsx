import { memo } from "react";
import type { Column } from "~/table/query-table";
import classes from "~/table/query-table.module.css";

interface Line<Row> {
  row: Row;
  columns: readonly Column<Row>[];
  rowIndex: number;
  /** Where it lies in the list, in pixels. */
  top: number;
}

/** One row. Drawn once: while one scrolls, only the rows that come into sight are drawn. */
export const QueryLine = memo(Cells) as typeof Cells;

function Cells<Row>({ row, columns, rowIndex, top }: Line<Row>) {
  return (
    <div
      role="row"
      aria-rowindex={rowIndex}
      className={`${classes.row} ${classes.line}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      {columns.map((column) => (
        <div role="cell" key={column.key} className={column.wideOnly ? classes.wide : undefined}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}
