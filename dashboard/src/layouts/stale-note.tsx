import { Box } from "@mantine/core";
import { notifyManager, type Query, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { asFault } from "~/api/faults";
import { Fault } from "~/components/fault";
import { t } from "~/texts/en";

/**
 * Says that something in sight could not be read again. What was read before stays; what was
 * never read says so at its own place.
 */
export function StaleNote() {
  const client = useQueryClient();
  const cache = client.getQueryCache();
  const error = useSyncExternalStore(
    useCallback((told) => cache.subscribe(notifyManager.batchCalls(told)), [cache]),
    () => cache.getAll().find(isOld)?.state.error ?? null,
  );
  if (error === null) return null;
  return (
    <Box mb="md">
      <Fault
        error={error}
        lead={t.common.old}
        onRetry={() => client.refetchQueries({ predicate: isOld })}
      />
    </Box>
  );
}

const NOT_THERE = 404;

/**
 * Shown, and the newest try to read it anew failed. A further page of a list says so itself, and
 * so does the page of something that was deleted meanwhile.
 */
function isOld(query: Query): boolean {
  const { status, data, error, fetchMeta } = query.state;
  const failed = status === "error" && asFault(error).status !== NOT_THERE;
  return failed && data !== undefined && !fetchMeta && query.isActive();
}
