import { Button, Group, Text } from "@mantine/core";
import { DiffTable } from "~/components/plan-diff";
import type { Kept, useEdit } from "~/pages/bot/use-edit";
import { t } from "~/texts/en";
import { Section } from "~/ui/section";
import { type Document, merged } from "~/util/document";
import { documentLines } from "~/util/plan";

/** What was typed before somebody else's change was loaded: to read, and to put in again. */
export function KeptChanges(props: {
  theirs: Document;
  kept: Kept;
  edit: Pick<ReturnType<typeof useEdit>, "again" | "forget">;
}) {
  const { theirs, kept, edit } = props;
  const lines = documentLines(theirs, merged(kept.base, kept.spec, theirs));
  return (
    <Section title={t.configuration.kept}>
      <Text size="sm" mb="sm">
        {lines.length > 0 ? t.configuration.keptText : t.configuration.keptSame}
      </Text>
      {lines.length > 0 && (
        <DiffTable
          label={t.configuration.kept}
          lines={lines}
          from={t.configuration.theirs}
          to={t.configuration.mine}
        />
      )}
      <Group mt="sm">
        {lines.length > 0 && (
          <Button size="xs" onClick={edit.again}>
            {t.configuration.again}
          </Button>
        )}
        <Button size="xs" variant="default" onClick={edit.forget}>
          {t.configuration.forget}
        </Button>
      </Group>
    </Section>
  );
}
