import { Group, Text } from "@mantine/core";
import type { RevisionView } from "~/api/__generated__/schema";
import { DiffTable } from "~/components/plan-diff";
import { t } from "~/texts/en";
import { Choice } from "~/ui/choice";
import { LoadingRows } from "~/ui/drawn-states";
import { Section } from "~/ui/section";
import { ago } from "~/util/format";
import { documentLines } from "~/util/plan";

interface Chosen {
  from?: number | undefined;
  to?: number | undefined;
}

/** What differs between two revisions: the last two, unless others are chosen. */
export function Difference(
  props: Chosen & {
    known: readonly RevisionView[];
    reading: boolean;
    choose: (part: Chosen) => void;
  },
) {
  const { known, choose } = props;
  const to = props.to ?? known[0]?.number ?? 1;
  const from = props.from ?? Math.max(to - 1, 1);
  if (known.length === 1 && known[0]?.number === 1)
    return (
      <Section title={t.revisions.difference}>
        <Text>{t.revisions.only}</Text>
      </Section>
    );
  const choices = known.map(({ number, created_at }) => ({
    value: String(number),
    label: t.revisions.option(number, ago(created_at)),
  }));
  return (
    <Section title={t.revisions.difference}>
      <Group mb="md">
        <Choice
          label={t.revisions.from}
          data={choices}
          value={String(from)}
          onChange={(number) => choose({ from: Number(number), to })}
        />
        <Choice
          label={t.revisions.to}
          data={choices}
          value={String(to)}
          onChange={(number) => choose({ from, to: Number(number) })}
        />
      </Group>
      {props.reading ? (
        <LoadingRows label={t.common.loading} rows={3} />
      ) : (
        <Between known={known} from={from} to={to} />
      )}
    </Section>
  );
}

function Between(props: { known: readonly RevisionView[]; from: number; to: number }) {
  const find = (number: number) => props.known.find((one) => one.number === number);
  const [from, to] = [find(props.from), find(props.to)];
  if (!from || !to) return <Text>{t.revisions.gone(from ? props.to : props.from)}</Text>;
  const lines = documentLines(from.document, to.document);
  if (lines.length === 0) return <Text>{t.revisions.same}</Text>;
  return (
    <DiffTable
      label={t.revisions.label(from.number, to.number)}
      lines={lines}
      from={t.revisions.name(from.number)}
      to={t.revisions.name(to.number)}
    />
  );
}
