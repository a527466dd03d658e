import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { AppliedView, BotDetail, BotManifest } from "~/api/__generated__/schema";
import { fetcher } from "~/api/client";
import { asFault } from "~/api/faults";
import { Fault } from "~/components/fault";
import { KeptChanges } from "~/pages/bot/kept-changes";
import { SpecDocument } from "~/pages/bot/spec-document";
import { SpecFields } from "~/pages/bot/spec-fields";
import { type Issues, issuesOf } from "~/pages/bot/spec-issues";
import { SpecReview } from "~/pages/bot/spec-review";
import { useEdit } from "~/pages/bot/use-edit";
import { useLeaving } from "~/pages/bot/use-leaving";
import { t } from "~/texts/en";

const NONE: Issues = {};

/** Changing a bot's document: typed, reviewed as the server sees it, then applied. */
export function SpecEditor({ live }: { live: BotDetail }) {
  const edit = useEdit(live);
  const [plan, setPlan] = useState<AppliedView | null>(null);
  const [issues, setIssues] = useState(NONE);
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useLeaving(edit.dirty);
  useEffect(() => {
    if (issues !== NONE) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [issues]);

  /** Show at its field what the server has against the document, and the rest as a fault. */
  function refuse(thrown: unknown): void {
    const refused = asFault(thrown);
    setPlan(null);
    if (refused.issues.length > 0) setIssues(issuesOf(refused));
    else setFault(thrown);
  }

  async function review(event: FormEvent): Promise<void> {
    event.preventDefault();
    setIssues(NONE);
    setFault(null);
    if (edit.spec.name !== live.name) {
      setIssues({ "": t.configuration.keepsName });
      return;
    }
    setBusy(true);
    try {
      // The draft may be anything that a person types; the server says what is wrong with it.
      const manifest = { ...edit.spec, kind: "bot" } as unknown as BotManifest;
      const { data } = await fetcher.POST("/v1/apply", {
        body: { manifests: [manifest], dry_run: true },
      });
      setPlan(data?.items[0] ?? null);
    } catch (thrown) {
      refuse(thrown);
    } finally {
      setBusy(false);
    }
  }

  const marked = Object.keys(issues).length > 0;
  return (
    <Stack>
      {edit.kept && <KeptChanges theirs={edit.spec} kept={edit.kept} edit={edit} />}
      <form ref={form} onSubmit={review} noValidate hidden={plan !== null}>
        <Stack>
          {marked && <Alert color="red" role="alert" title={t.configuration.marked} />}
          {fault !== null && <Fault error={fault} />}
          <fieldset disabled={edit.broken !== ""} className="bare">
            <SpecFields spec={edit.spec} issues={issues} put={edit.put} />
          </fieldset>
          <SpecDocument
            text={edit.text}
            onChange={edit.write}
            error={edit.broken ? t.configuration.notJson(edit.broken) : issues[""]}
          />
          <Group>
            <Button type="submit" loading={busy} disabled={!edit.dirty || edit.broken !== ""}>
              {t.configuration.review}
            </Button>
            {edit.dirty ? (
              <Button variant="default" onClick={edit.discard}>
                {t.configuration.discard}
              </Button>
            ) : (
              <Text size="sm" className="quiet">
                {t.configuration.unchanged}
              </Text>
            )}
          </Group>
        </Stack>
      </form>
      {plan && (
        <SpecReview
          plan={plan}
          edit={edit}
          onBack={() => setPlan(null)}
          onDone={edit.discard}
          onRefused={refuse}
        />
      )}
    </Stack>
  );
}
