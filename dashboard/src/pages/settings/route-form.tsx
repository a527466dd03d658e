import { TextInput } from "@mantine/core";
import { useId, useState } from "react";
import type { PriceInput, ProviderView, RouteView } from "~/api/__generated__/schema";
import { api, fetcher, queryClient } from "~/api/client";
import { tellDone } from "~/components/fault";
import { FormDialog } from "~/components/form-dialog";
import { PriceFields } from "~/pages/settings/price-fields";
import { t } from "~/texts/en";
import { Choice } from "~/ui/choice";
import { Tick } from "~/ui/tick";

/** What the form begins with: nothing, a provider, or a route that is to change. */
export interface Draft {
  provider?: string;
  route?: RouteView;
}

const LONGEST = 8192;
const NO_PRICE: PriceInput = { input: "", cached_read: "", cache_write: "", output: "" };

/** Makes a model name, or points one elsewhere. */
export function RouteForm(props: {
  draft: Draft;
  providers: readonly ProviderView[];
  onClose: () => void;
}) {
  const { route } = props.draft;
  const own = route?.price?.source === "own" ? route.price : null;
  const [provider, setProvider] = useState(props.draft.provider ?? props.providers[0]?.name ?? "");
  const [name, setName] = useState(route?.name ?? "");
  const [model, setModel] = useState(route?.model ?? "");
  const [longest, setLongest] = useState(String(route?.max_output ?? LONGEST));
  const [priced, setPriced] = useState(own !== null);
  const [price, setPrice] = useState<PriceInput>(own ?? NO_PRICE);
  const list = useId();
  // Looking is asking: the provider is the one who knows. Without an answer one can still type.
  const known = api.useQuery(
    "post",
    "/v1/providers/{provider}/check",
    { params: { path: { provider } } },
    { enabled: provider !== "", retry: false, staleTime: 60_000 },
  );
  const models = known.data?.models ?? [];

  async function save(): Promise<void> {
    const { input, cached_read, cache_write, output } = price;
    const rates = priced ? { input, cached_read, cache_write, output } : null;
    const body = { name, provider, model, max_output: Number(longest), price: rates };
    const { data } = await fetcher.PUT("/v1/routes", { body });
    tellDone(data?.price ? t.providers.routeSet(name) : t.providers.routeUnpriced(name));
    await queryClient.invalidateQueries({ queryKey: ["get", "/v1/routes"] });
    props.onClose();
  }

  return (
    <FormDialog
      title={route ? t.providers.editRouteOf(route.name) : t.providers.setRoute}
      submit={t.providers.save}
      onSubmit={save}
      onClose={props.onClose}
    >
      <Choice
        label={t.providers.provider}
        data={[...new Set([provider, ...props.providers.map((one) => one.name)])].filter(Boolean)}
        value={provider}
        onChange={setProvider}
      />
      <TextInput
        label={t.providers.model}
        description={
          models.length > 0 ? t.providers.modelsKnown(models.length) : t.providers.modelHint
        }
        list={list}
        required
        value={model}
        onChange={(event) => setModel(event.currentTarget.value)}
      />
      <datalist id={list}>
        {models.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <TextInput
        label={t.providers.route}
        description={route ? undefined : `${t.providers.routeHint} ${t.providers.routeRule}`}
        required
        // Another name would be another route; the old one would stay.
        readOnly={route !== undefined}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t.providers.longest}
        description={t.providers.longestHint}
        type="number"
        min={1}
        max={1_000_000}
        required
        value={longest}
        onChange={(event) => setLongest(event.currentTarget.value)}
      />
      <Tick label={t.providers.ownPrice} checked={priced} onChange={setPriced} />
      {priced && <PriceFields price={price} onChange={setPrice} />}
    </FormDialog>
  );
}
