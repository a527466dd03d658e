import { useSuspenseQuery } from "@tanstack/react-query";
import type { MeView } from "~/api/__generated__/schema";
import { holds, meQuery } from "~/api/session";

/** Who is logged in; the layout has loaded it before any page is drawn. */
export function useMe(): MeView {
  return useSuspenseQuery(meQuery()).data;
}

/** Whether who is logged in holds `scope` (on `fleet`, or anywhere). */
export function useHolds(scope: string, fleet?: string): boolean {
  return holds(useMe(), scope, fleet);
}
