import { api } from "~/api/client";

/** Sums of the last 14 days, today last. */
export const useTrend = () =>
  api.useQuery("get", "/v1/calls/trend", { params: { query: { days: 14 } } });
