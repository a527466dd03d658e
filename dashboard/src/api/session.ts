import type { MeView } from "~/api/__generated__/schema";
import { api, fetcher } from "~/api/client";

/** Who is logged in, and what they hold. */
export const meQuery = () => api.queryOptions("get", "/v1/me", {}, { staleTime: 60_000 });

/**
 * Whether `me` may do what needs `scope`, on `fleet` or, without one, anywhere at all.
 * A convenience for the eye: the server decides again on every request.
 */
export function holds(me: MeView, scope: string, fleet?: string): boolean {
  return me.held.some(
    (held) =>
      held.scopes.includes(scope) &&
      (held.fleet == null || fleet === undefined || held.fleet === fleet),
  );
}

/** End the session; what was read is forgotten by loading the login page anew. */
export async function logOut(): Promise<void> {
  await fetcher.POST("/v1/logout");
}
