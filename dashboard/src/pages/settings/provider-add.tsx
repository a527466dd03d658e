import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import type { CheckView, ProviderType } from "~/api/__generated__/schema";
import { fetcher, queryClient } from "~/api/client";
import { tellDone } from "~/components/fault";
import { FormDialog } from "~/components/form-dialog";
import { useOnce } from "~/components/use-once";
import { Verdict } from "~/pages/settings/verdict";
import { t } from "~/texts/en";
import { Choice } from "~/ui/choice";

// The demo is made by Homarus itself.
const TYPES = (["openai", "anthropic"] as const).map((value) => ({
  value,
  label: t.providers.types[value],
}));
const ANYWAY = "anyway";

/** Adds a provider once it has taken the key, or anyway where the person knows better. */
export function ProviderAdd(props: { onClose: () => void; onAdded: (provider: string) => void }) {
  const { once } = useOnce();
  const [type, setType] = useState<ProviderType>("openai");
  const [said, setSaid] = useState({ name: "", base_url: "", key: "" });
  const [refused, setRefused] = useState<CheckView | null>(null);
  const field = (key: keyof typeof said) => ({
    value: said[key],
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const text = event.currentTarget.value;
      setRefused(null);
      setSaid((now) => ({ ...now, [key]: text }));
    },
  });

  async function submit(how: string): Promise<void> {
    setRefused(null);
    if (how !== ANYWAY) {
      const { base_url, key } = said;
      const { data } = await fetcher.POST("/v1/providers/test", { body: { type, base_url, key } });
      if (data && !data.ok) {
        setRefused(data);
        return;
      }
    }
    const body = { type, ...said };
    await fetcher.POST("/v1/providers", { params: { header: once(body) }, body });
    tellDone(t.providers.added(said.name));
    await queryClient.invalidateQueries({ queryKey: ["get", "/v1/providers"] });
    props.onClose();
    props.onAdded(said.name);
  }

  return (
    <FormDialog
      title={t.providers.add}
      submit={t.providers.testAndAdd}
      onSubmit={submit}
      onClose={props.onClose}
      more={
        refused && (
          <Button type="submit" value={ANYWAY} variant="default">
            {t.providers.addAnyway}
          </Button>
        )
      }
    >
      <Choice
        label={t.providers.type}
        data={TYPES}
        value={type}
        onChange={(value) => {
          setRefused(null);
          setType(value as ProviderType);
        }}
      />
      <TextInput
        label={t.providers.name}
        description={t.providers.nameRule}
        required
        {...field("name")}
      />
      <TextInput
        label={t.providers.address}
        description={t.providers.addressHint}
        placeholder={t.providers.addresses[type]}
        {...field("base_url")}
      />
      <PasswordInput
        label={t.providers.key}
        description={t.providers.keyHint}
        autoComplete="off"
        {...field("key")}
      />
      {refused && <Verdict verdict={refused} />}
    </FormDialog>
  );
}
