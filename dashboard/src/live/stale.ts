import type { Query, QueryClient } from "@tanstack/react-query";

const BATCH_MS = 300;

export interface Marker {
  /** Read again, in a moment, what is shown of queries whose path begins with one of these. */
  mark: (paths: readonly string[]) => void;
  stop: () => void;
}

/**
 * Marks queries as old, many events at a time. A query that is being read is left to end and is
 * read again after that: cancelling it would never let it end while events come faster than answers.
 */
export function markerOf(client: QueryClient): Marker {
  const cache = client.getQueryCache();
  const stale = new Set<string>();
  const late = new Set<Query>();
  let timer = 0;

  function soon(): void {
    timer ||= window.setTimeout(flush, BATCH_MS);
  }

  function flush(): void {
    timer = 0;
    const paths = [...stale];
    const old = new Set(
      cache.findAll({
        predicate: (query) =>
          late.has(query) || paths.some((path) => String(query.queryKey[1]).startsWith(path)),
      }),
    );
    stale.clear();
    late.clear();
    for (const query of old) {
      if (query.state.fetchStatus !== "fetching") continue;
      old.delete(query);
      late.add(query);
    }
    client.invalidateQueries({ predicate: (query) => old.has(query) }, { cancelRefetch: false });
  }

  const unsubscribe = cache.subscribe(({ query }) => {
    if (late.has(query) && query.state.fetchStatus !== "fetching") soon();
  });
  return {
    mark: (paths) => {
      for (const path of paths) stale.add(path);
      if (paths.length > 0) soon();
    },
    stop: () => {
      unsubscribe();
      window.clearTimeout(timer);
    },
  };
}
