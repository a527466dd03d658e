import type { PageViewRouteView, ProviderView, RouteView } from "~/api/__generated__/schema";
import { fetcher } from "~/api/client";
import { t } from "~/texts/en";

/** So many bots are named for each model name; of further ones it is only said that they are. */
const NAMED = 5;

/** What goes with a provider, one sentence each, as the server tells it now. */
export async function lossesOf(provider: ProviderView): Promise<readonly string[]> {
  const routes = (await everyRoute()).filter((route) => route.provider_id === provider.id);
  const lost = await Promise.all(routes.map((route) => lostWith(route.name)));
  const key = provider.has_key ? [t.providers.lostKey] : [];
  return [t.providers.lostCalls, ...key, ...(lost.length > 0 ? lost : [t.providers.lostNoRoutes])];
}

async function lostWith(route: string): Promise<string> {
  const { data } = await fetcher.GET("/v1/bots", {
    params: { query: { model: route, limit: NAMED } },
  });
  const names = data?.items.map((bot) => bot.name) ?? [];
  if (names.length === 0) return t.providers.lostRoute(route);
  const more = data?.next_cursor ? [t.providers.andMore] : [];
  return t.providers.lostRouteUsed(route, [...names, ...more].join(", "));
}

async function everyRoute(): Promise<RouteView[]> {
  const found: RouteView[] = [];
  let cursor = "";
  do {
    const page = await routesFrom(cursor);
    found.push(...page.items);
    cursor = page.next_cursor ?? "";
  } while (cursor);
  return found;
}

async function routesFrom(cursor: string): Promise<PageViewRouteView> {
  const { data } = await fetcher.GET("/v1/routes", { params: { query: { limit: 500, cursor } } });
  return data ?? { items: [], next_cursor: null };
}
