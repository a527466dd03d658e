import { Button, Group, PasswordInput, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { fetcher } from "~/api/client";
import { Fault, tellDone } from "~/components/fault";
import { useSending } from "~/components/use-sending";
import { t } from "~/texts/en";
import { Section } from "~/ui/section";

/** As the server has it (SecretName of core/specs.py), which decides again. */
const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Seals a value under a name. */
export function SecretSet(props: { onSet: () => Promise<unknown> }) {
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const { busy, fault, send } = useSending();
  const possible = name === "" || NAME.test(name);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const done = await send(() =>
      fetcher.PUT("/v1/secrets/{name}", { params: { path: { name } }, body: { value } }),
    );
    if (!done) return;
    tellDone(t.settings.secretSet(name));
    setName("");
    setValue("");
    await props.onSet();
  }

  return (
    <Section title={t.settings.setSecret}>
      <form onSubmit={save}>
        <Text className="quiet" mb="sm">
          {`${t.settings.setSecretLead} ${t.settings.secretRule}`}
        </Text>
        <Group align="flex-start" mb={fault === null ? undefined : "sm"}>
          <TextInput
            label={t.settings.name}
            error={!possible && t.settings.secretRuleBroken}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label={t.settings.value}
            autoComplete="off"
            miw={220}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
        </Group>
        {fault !== null && <Fault error={fault} />}
        <Button mt="sm" type="submit" loading={busy} disabled={!name || !value || !possible}>
          {t.settings.setSecret}
        </Button>
      </form>
    </Section>
  );
}
