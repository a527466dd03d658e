import { QueryClient } from "@tanstack/react-query";
import createFetch from "openapi-fetch";
import createApi from "openapi-react-query";
import type { paths } from "~/api/__generated__/schema";
import { asFault, faultOf, NO_ANSWER, noAnswer } from "~/api/faults";

/** Told when the server no longer knows who we are; the session page sets it. */
export const onLoggedOut: { current: () => void } = { current: () => undefined };

const NO_CONTENT = 204;

/** Calls the API as the generated types say; every answer that is not 2xx is thrown as a fault. */
export const fetcher = createFetch<paths>({ baseUrl: "/" });
fetcher.use({
  async onResponse({ response }) {
    if (response.status === 401) onLoggedOut.current();
    if (!response.ok) throw await faultOf(response);
    if (response.status === NO_CONTENT) return undefined;
    // Read here, where an answer that breaks off is told from a mistake in what reads it.
    return new Response(await response.blob().catch(() => Promise.reject(noAnswer())), response);
  },
  onError: noAnswer,
});

/** Queries and mutations over `fetcher`; a query's key is [method, path, arguments]. */
export const api = createApi(fetcher);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Events tell of changes; without them, looking again when a person comes back is enough.
      staleTime: 30_000,
      retry: (failures, error) => failures < 2 && worthAsking(asFault(error).status),
      retryDelay: (failures) => 400 * 2 ** failures,
    },
  },
});

/** Whether the same question may be answered otherwise in a moment. */
export function worthAsking(status: number): boolean {
  return status === NO_ANSWER || status === 429 || status >= 500;
}
