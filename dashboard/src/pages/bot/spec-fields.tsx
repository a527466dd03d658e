import { Checkbox, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { api } from "~/api/client";
import { useHolds } from "~/components/use-me";
import { LinesField } from "~/pages/bot/lines-field";
import type { Issues } from "~/pages/bot/spec-issues";
import { t } from "~/texts/en";
import { Choice } from "~/ui/choice";
import { Section } from "~/ui/section";
import {
  type Document,
  labelsOf,
  leafWords,
  linesOf,
  printLabels,
  printLines,
  valueAt,
} from "~/util/document";

interface Fields {
  spec: Document;
  issues: Issues;
  put: (path: string, value: unknown) => void;
}

/** The parts of a bot's document that people change often, each in a field of its own. */
export function SpecFields(props: Fields) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Purpose {...props} />
      <Means {...props} />
    </SimpleGrid>
  );
}

function Purpose({ spec, issues, put }: Fields) {
  return (
    <Section title={t.configuration.purpose}>
      <Stack>
        <Textarea
          label={t.configuration.persona}
          description={t.configuration.personaHint}
          autosize
          minRows={6}
          maxRows={18}
          value={leafWords(valueAt(spec, "persona"))}
          onChange={(event) => put("persona", event.currentTarget.value)}
          error={issues.persona}
        />
        <LinesField
          label={t.configuration.goals}
          hint={t.configuration.goalsHint}
          value={spec.goals}
          print={printLines}
          parse={linesOf}
          onChange={(goals) => put("goals", goals)}
          error={issues.goals}
        />
        <LinesField
          label={t.configuration.labels}
          hint={t.configuration.labelsHint}
          value={spec.labels}
          print={printLabels}
          parse={labelsOf}
          onChange={(labels) => put("labels", labels)}
          error={issues.labels}
        />
      </Stack>
    </Section>
  );
}

function Means({ spec, issues, put }: Fields) {
  return (
    <Section title={t.configuration.means}>
      <Stack>
        <Model spec={spec} issues={issues} put={put} />
        <Checkbox
          label={t.configuration.exec}
          description={t.configuration.execHint}
          checked={valueAt(spec, "tools.exec") === "full"}
          onChange={(event) => put("tools.exec", event.currentTarget.checked ? "full" : "deny")}
          error={issues["tools.exec"]}
        />
        <TextInput
          label={t.configuration.memory}
          description={t.configuration.memoryHint}
          inputMode="numeric"
          value={leafWords(valueAt(spec, "resources.memory_mb"))}
          onChange={(event) => put("resources.memory_mb", whole(event.currentTarget.value))}
          error={issues["resources.memory_mb"]}
        />
        <TextInput
          label={t.configuration.budget}
          description={t.configuration.budgetHint}
          inputMode="decimal"
          value={leafWords(valueAt(spec, "budget.limit_usd"))}
          onChange={(event) => put("budget.limit_usd", event.currentTarget.value)}
          error={issues["budget.limit_usd"]}
        />
        <Choice
          label={t.configuration.period}
          data={Object.entries(t.configuration.periods).map(([value, label]) => ({ value, label }))}
          value={leafWords(valueAt(spec, "budget.period"))}
          onChange={(period) => put("budget.period", period)}
          error={issues["budget.period"]}
        />
      </Stack>
    </Section>
  );
}

/** The model route, out of those that there are; typed where somebody may not list them. */
function Model({ spec, issues, put }: Fields) {
  const mayList = useHolds("provider:read");
  const query = { params: { query: { limit: 500 } } };
  const routes = api.useQuery("get", "/v1/routes", query, { enabled: mayList });
  const model = leafWords(spec.model);
  const field = { label: t.configuration.model, value: model, error: issues.model };
  if (!routes.data)
    return <TextInput {...field} onChange={(event) => put("model", event.currentTarget.value)} />;
  const names = [...new Set([...routes.data.items.map((one) => one.name), model])];
  return <Choice {...field} data={names} onChange={(name) => put("model", name)} />;
}

/** A whole number as one; anything else as it was typed, for the server to refuse. */
const whole = (text: string): unknown => (/^\d+$/.test(text.trim()) ? Number(text) : text);
