import { Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { fetcher, queryClient } from "~/api/client";
import { tellDone } from "~/components/fault";
import { FormDialog } from "~/components/form-dialog";
import { useMe } from "~/components/use-me";
import { useOnce } from "~/components/use-once";
import type { Once } from "~/pages/settings/shown-once";
import { t } from "~/texts/en";
import { Choice } from "~/ui/choice";
import { Tick } from "~/ui/tick";

const EXTENTS = [
  { value: "everything", label: t.tokens.everything },
  { value: "chosen", label: t.tokens.chosen },
];
const LIFETIMES = Object.entries(t.tokens.lifetimes).map(([value, label]) => ({ value, label }));
const USUAL = "90";

/** Makes a token that can do what its maker can, or less. */
export function TokenMake(props: { onClose: () => void; onMade: (once: Once) => void }) {
  const me = useMe();
  const held = new Set(me.held.flatMap((one) => one.scopes));
  const { once } = useOnce();
  const [name, setName] = useState("");
  const [days, setDays] = useState(USUAL);
  const [extent, setExtent] = useState("everything");
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const choosing = extent === "chosen";

  async function make(): Promise<void> {
    const body = {
      name,
      days: days ? Number(days) : null,
      scopes: choosing ? [...scopes] : null,
    };
    const { data } = await fetcher.POST("/v1/tokens", { params: { header: once(body) }, body });
    await queryClient.invalidateQueries({ queryKey: ["get", "/v1/tokens"] });
    props.onClose();
    const title = t.tokens.shownTitle(name);
    if (data?.secret) props.onMade({ title, text: t.tokens.shownText, value: data.secret });
    // Made by a request whose answer was lost: nothing can show the value any more.
    else tellDone(t.tokens.valueLost(name));
  }

  return (
    <FormDialog
      title={t.tokens.make}
      submit={t.tokens.makeSubmit}
      onSubmit={make}
      onClose={props.onClose}
      refusal={choosing && scopes.length === 0 ? t.tokens.noneChosen : undefined}
    >
      <TextInput
        data-autofocus
        label={t.tokens.name}
        description={t.tokens.nameHint}
        required
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Choice label={t.tokens.days} data={LIFETIMES} value={days} onChange={setDays} />
      <Choice label={t.tokens.extent} data={EXTENTS} value={extent} onChange={setExtent} />
      {choosing && (
        <Stack gap={6} role="group" aria-label={t.tokens.extent}>
          {Object.entries(t.tokens.scopes).map(([scope, words]) =>
            held.has(scope) ? (
              <Tick
                key={scope}
                label={words}
                checked={scopes.includes(scope)}
                onChange={(on) =>
                  setScopes(on ? [...scopes, scope] : scopes.filter((one) => one !== scope))
                }
              />
            ) : null,
          )}
        </Stack>
      )}
      <Text size="sm" className="quiet">
        {t.tokens.lead}
      </Text>
    </FormDialog>
  );
}
