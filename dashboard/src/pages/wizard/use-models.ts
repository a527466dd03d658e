import type { PageViewRouteView, ProviderView, RouteView } from "~/api/__generated__/schema";
import { api, fetcher } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { t } from "~/texts/en";
import type { Choice } from "~/ui/choices";

/** The value of the choice that is none yet; no name of a model is empty. */
export const ANOTHER = "";
/** The rule of the API for the model in a bot's spec; routes may have other names as well. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LONGEST = 63;

export interface Models {
  choices: readonly Choice[];
  providers: readonly ProviderView[];
  /** The name of the demo's route; undefined where there is none. */
  demo: string | undefined;
}

/** The models that bots of this workspace can use, and who serves them. */
export function useModels() {
  const routes = api.useInfiniteQuery(
    "get",
    "/v1/routes",
    { params: { query: { limit: 200 } } },
    KEYSET,
  );
  const providers = api.useQuery("get", "/v1/providers", { params: { query: { limit: 500 } } });
  const listed = routes.data?.pages.flatMap((page) => page.items) ?? [];
  const known = new Map(providers.data?.items.map((one) => [one.id, one]));
  const choices = listed.map((route) => choiceOf(route, known.get(route.provider_id)));
  return {
    choices,
    providers: providers.data?.items ?? [],
    demo: choices.find((one) => one.mark !== undefined)?.value,
    isPending: routes.isPending || providers.isPending,
    isLoaded: routes.data !== undefined && providers.data !== undefined,
    error: routes.error ?? providers.error,
    hasMore: routes.hasNextPage,
    readMore: () => routes.fetchNextPage(),
    refetch: () => Promise.all([routes.refetch(), providers.refetch()]),
  };
}

/** Every route, read anew: whoever makes one must not point another one elsewhere. */
export async function allRoutes(): Promise<RouteView[]> {
  const found: RouteView[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: PageViewRouteView | undefined = (
      await fetcher.GET("/v1/routes", { params: { query: { limit: 500, cursor } } })
    ).data;
    found.push(...(page?.items ?? []));
    cursor = page?.next_cursor ?? null;
  }
  return found;
}

function choiceOf(route: RouteView, provider: ProviderView | undefined): Choice {
  const usable = NAME.test(route.name);
  const note = provider?.demo
    ? t.wizard.model.demoNote
    : t.wizard.model.note(route.model, provider?.name ?? "");
  return {
    value: route.name,
    label: route.name,
    mark: provider?.demo ? t.wizard.model.demoMark : undefined,
    note: usable ? note : t.wizard.model.unusable,
    disabled: !usable,
  };
}

/** What is chosen unless a person says otherwise: a real model, or else the demo. */
export function firstChoice(choices: readonly Choice[]): string {
  const usable = choices.filter((one) => !one.disabled);
  return (usable.find((one) => one.mark === undefined) ?? usable[0])?.value ?? "";
}

/** `words` as a name that the API takes, and none of `taken`. */
export function nameOf(words: string, taken: readonly string[]): string {
  const plain = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST - 4)
    .replace(/^-+|-+$/g, "");
  const base = plain || "model";
  let name = base;
  for (let number = 2; taken.includes(name); number += 1) name = `${base}-${number}`;
  return name;
}
