import { useQuery } from "@tanstack/react-query";
import type { LocalServerView, ProviderType, ProviderView } from "~/api/__generated__/schema";
import { fetcher } from "~/api/client";
import { t } from "~/texts/en";
import type { Choice } from "~/ui/choices";

/** Where a model can come from. */
export type Source =
  | { kind: "added"; provider: ProviderView }
  | { kind: "local"; server: LocalServerView }
  | { kind: "keyed"; type: ProviderType; name: string; asksAddress: boolean };

const KEYED: Record<string, Source & { kind: "keyed" }> = {
  openai: { kind: "keyed", type: "openai", name: "openai", asksAddress: false },
  anthropic: { kind: "keyed", type: "anthropic", name: "anthropic", asksAddress: false },
  other: { kind: "keyed", type: "openai", name: "", asksAddress: true },
};

/** Ask which model servers answer on this machine. A question that changes nothing. */
export const useLocalServers = () =>
  useQuery({
    queryKey: ["post", "/v1/providers/discover"],
    queryFn: async () => (await fetcher.POST("/v1/providers/discover")).data ?? [],
    staleTime: 60_000,
  });

/** The sources that there are, by the value of their choice. */
export function sourcesOf(
  providers: readonly ProviderView[],
  servers: readonly LocalServerView[],
): { choices: Choice[]; sources: Map<string, Source> } {
  const choices: Choice[] = [];
  const sources = new Map<string, Source>();
  function add(choice: Choice, source: Source): void {
    choices.push(choice);
    sources.set(choice.value, source);
  }
  const there = providers.filter((one) => !one.demo);
  for (const server of servers) {
    if (there.some((one) => one.base_url === server.base_url)) continue;
    const label = t.wizard.model.local(server.name);
    const note = t.wizard.model.models(server.models.length);
    add({ value: `local ${server.base_url}`, label, note }, { kind: "local", server });
  }
  for (const provider of there) {
    const choice = { value: provider.id, label: provider.name, note: t.wizard.model.added };
    add(choice, { kind: "added", provider });
  }
  for (const [value, source] of Object.entries(KEYED)) {
    const words = t.wizard.model[value as "openai" | "anthropic" | "other"];
    const note = source.asksAddress ? t.wizard.model.otherNote : t.wizard.model.withKey;
    add({ value, label: words, note }, source);
  }
  return { choices, sources };
}
