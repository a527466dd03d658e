import { Button, Group, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { Fault } from "~/components/fault";
import { QueryLine } from "~/table/query-line";
import classes from "~/table/query-table.module.css";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";

export interface Column<Row> {
  key: string;
  header: ReactNode;
  /** A CSS grid track: "2fr", "8rem". */
  width: string;
  cell: (row: Row) => ReactNode;
  /** Left out where there is no room for it. */
  wideOnly?: boolean;
  /** For headers that sort: which way this column does now. */
  sorted?: "ascending" | "descending" | "none";
}

/** What `useInfiniteQuery` gives over a keyset listing of the API. */
export interface Pages<Row> {
  data: { pages: readonly { items: readonly Row[]; next_cursor: string | null }[] } | undefined;
  error: unknown;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

const ROW_PX = 44;
const AHEAD = 40;

/**
 * A list of the API with its four drawn states, of any length: only the rows in sight exist, and
 * the next page is fetched before it is reached. When a later page cannot be read, what was read
 * stays, and the last row says so.
 */
export function QueryTable<Row>(props: {
  label: string;
  query: Pages<Row>;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  empty: ReactNode;
  /** Height of the list: the rest of the window by default. */
  height?: string;
}) {
  const { query } = props;
  if (query.isPending) return <LoadingRows label={t.common.loading} />;
  if (query.data === undefined)
    return <Fault error={query.error} onRetry={() => query.refetch()} />;
  const rows = query.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) return props.empty;
  return (
    <>
      <Rows {...props} rows={rows} />
      {query.isFetchNextPageError && (
        <Group mt="sm" role="alert">
          <Text size="sm">{t.common.partial(1)}</Text>
          <Button size="xs" variant="default" onClick={() => query.fetchNextPage()}>
            {t.common.retry}
          </Button>
        </Group>
      )}
    </>
  );
}

function Rows<Row>(props: {
  label: string;
  query: Pages<Row>;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  height?: string;
}) {
  const { query, rows, columns } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const visible = virtual.getVirtualItems();
  const lastSeen = visible.at(-1)?.index ?? 0;
  const wanted =
    lastSeen >= rows.length - AHEAD &&
    query.hasNextPage &&
    !query.isFetchingNextPage &&
    !query.isFetchNextPageError;
  const { fetchNextPage } = query;
  useEffect(() => {
    if (wanted) fetchNextPage();
  }, [wanted, fetchNextPage]);

  return (
    <div
      className={classes.scroller}
      ref={scroller}
      style={{ maxHeight: props.height ?? "calc(100dvh - 15rem)" }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      role="region"
      aria-label={props.label}
    >
      <div
        role="table"
        aria-label={props.label}
        aria-rowcount={query.hasNextPage ? -1 : rows.length + 1}
        className={classes.table}
        style={tracks(columns)}
      >
        <div role="row" aria-rowindex={1} className={`${classes.row} ${classes.head}`}>
          {columns.map((column) => (
            <div
              key={column.key}
              role="columnheader"
              aria-sort={column.sorted}
              className={column.wideOnly ? classes.wide : undefined}
            >
              {column.header}
            </div>
          ))}
        </div>
        <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
          {visible.map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <QueryLine
                key={props.rowKey(row)}
                row={row}
                columns={columns}
                rowIndex={index + 2}
                top={start}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Widths of the columns, for wide and narrow windows, as variables that the style sheet uses. */
function tracks<Row>(columns: readonly Column<Row>[]): Record<string, string> {
  const narrow = columns.filter((column) => !column.wideOnly);
  return {
    "--tracks": columns.map((column) => `minmax(0, ${column.width})`).join(" "),
    "--tracks-narrow": narrow.map((column) => `minmax(0, ${column.width})`).join(" "),
  };
}
