import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ProviderView } from "~/api/__generated__/schema";
import { fetcher } from "~/api/client";
import { Fault } from "~/components/fault";
import { KeyForm } from "~/pages/wizard/key-form";
import { ModelPick } from "~/pages/wizard/model-pick";
import { sourcesOf, useLocalServers } from "~/pages/wizard/sources";
import type { Models } from "~/pages/wizard/use-models";
import { t } from "~/texts/en";
import { Choices } from "~/ui/choices";
import { LoadingRows } from "~/ui/drawn-states";
import { Section } from "~/ui/section";

/** Adding a model: where it is, the way in if it takes a key, and which one. */
export function AnotherModel(props: {
  models: Models;
  onAdded: (route: string) => void;
  onDemo: (route: string) => void;
}) {
  const { models } = props;
  const local = useLocalServers();
  const [value, setValue] = useState("");
  const { choices, sources } = sourcesOf(models.providers, local.data ?? []);
  const source = sources.get(value);
  return (
    <Section title={t.wizard.model.another}>
      <Stack>
        <Choices legend={t.wizard.model.from} choices={choices} value={value} onChange={setValue} />
        {local.isFetching && <Text size="sm">{t.wizard.model.looking}</Text>}
        {!local.data && local.error !== null && (
          <Fault error={local.error} onRetry={() => local.refetch()} />
        )}
        {local.data?.length === 0 && !local.isFetching && (
          <Group gap="xs">
            <Text size="sm" className="quiet">
              {t.wizard.model.nothingLocal}
            </Text>
            <Button size="xs" variant="default" onClick={() => local.refetch()}>
              {t.wizard.model.look}
            </Button>
          </Group>
        )}
        {source?.kind === "keyed" && (
          <KeyForm
            key={value}
            source={source}
            taken={models.providers.map((one) => one.name)}
            onAdded={(provider) => setValue(provider.id)}
            onDemo={models.demo ? () => props.onDemo(models.demo ?? "") : undefined}
          />
        )}
        {source?.kind === "local" && (
          <ModelPick
            key={value}
            from={source.server}
            listed={source.server.models}
            onAdded={props.onAdded}
          />
        )}
        {source?.kind === "added" && (
          <OfProvider key={value} provider={source.provider} onAdded={props.onAdded} />
        )}
      </Stack>
    </Section>
  );
}

/** The models of a provider that is added already, as it lists them now. */
function OfProvider(props: { provider: ProviderView; onAdded: (route: string) => void }) {
  const { provider } = props;
  const checked = useQuery({
    queryKey: ["post", "/v1/providers/{provider}/check", provider.id],
    queryFn: async () => {
      const params = { path: { provider: provider.id } };
      return (await fetcher.POST("/v1/providers/{provider}/check", { params })).data;
    },
  });
  if (checked.isPending) return <LoadingRows label={t.wizard.model.asking} rows={1} />;
  if (!checked.data) return <Fault error={checked.error} onRetry={() => checked.refetch()} />;
  return (
    <>
      {!checked.data.ok && <Text role="alert">{checked.data.message}</Text>}
      <ModelPick from={provider} listed={checked.data.models} onAdded={props.onAdded} />
    </>
  );
}
