import { Stack } from "@mantine/core";
import { useState } from "react";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { ProviderList } from "~/pages/settings/provider-list";
import { type Draft, RouteForm } from "~/pages/settings/route-form";
import { RouteList } from "~/pages/settings/route-list";

/** Providers, and the model names that lead to them. */
export default function ProvidersPage() {
  const [draft, setDraft] = useState<Draft | null>(null);
  const query = api.useInfiniteQuery(
    "get",
    "/v1/providers",
    { params: { query: { limit: 100 } } },
    KEYSET,
  );
  const providers = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack gap="xl">
      <ProviderList query={query} onAdded={(provider) => setDraft({ provider })} />
      <RouteList providers={providers} onSet={setDraft} />
      {draft && <RouteForm draft={draft} providers={providers} onClose={() => setDraft(null)} />}
    </Stack>
  );
}
