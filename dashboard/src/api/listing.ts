/** Options that turn a keyset listing of the API into the pages of an infinite query. */
export const KEYSET = {
  pageParamName: "cursor",
  initialPageParam: "",
  getNextPageParam: (page: { next_cursor: string | null }) => page.next_cursor ?? undefined,
} as const;
