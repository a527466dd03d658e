import { PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ProviderView } from "~/api/__generated__/schema";
import { fetcher, queryClient } from "~/api/client";
import { tellDone } from "~/components/fault";
import { FormDialog } from "~/components/form-dialog";
import { t } from "~/texts/en";
import { Tick } from "~/ui/tick";

/** Another key or address for a provider; what it is used for stays. */
export function ProviderChange(props: { provider: ProviderView; onClose: () => void }) {
  const { provider } = props;
  const [address, setAddress] = useState(provider.base_url);
  const [key, setKey] = useState("");
  const [keyless, setKeyless] = useState(false);

  async function save(): Promise<void> {
    await fetcher.PATCH("/v1/providers/{provider}", {
      params: { path: { provider: provider.id } },
      // Absent stays as it is; an empty key says that none is needed.
      body: { base_url: address, key: keyless ? "" : key || null },
    });
    tellDone(t.providers.changed(provider.name));
    await queryClient.invalidateQueries({ queryKey: ["get", "/v1/providers"] });
    props.onClose();
  }

  return (
    <FormDialog
      title={t.providers.changeTitle(provider.name)}
      submit={t.providers.save}
      onSubmit={save}
      onClose={props.onClose}
    >
      <TextInput
        data-autofocus
        label={t.providers.address}
        required
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
      />
      <PasswordInput
        label={t.providers.key}
        description={provider.has_key ? t.providers.keyKept : t.providers.keyHint}
        autoComplete="off"
        disabled={keyless}
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
      />
      {provider.has_key && (
        <Tick label={t.providers.keyNone} checked={keyless} onChange={setKeyless} />
      )}
    </FormDialog>
  );
}
