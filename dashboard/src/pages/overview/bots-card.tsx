import { Group, Stack, Text } from "@mantine/core";
import type { BotState, BotsSummary } from "~/api/__generated__/schema";
import { TextLink } from "~/components/links";
import { BotBadge } from "~/components/state-badge";
import { t } from "~/texts/en";
import { Section } from "~/ui/section";
import { count } from "~/util/format";

/** Bots by state, and each that is not well with its reason. */
export function BotsCard({ summary }: { summary: BotsSummary }) {
  const states = Object.keys(t.states.bot) as BotState[];
  const further = summary.unwell_total - summary.unwell.length;
  return (
    <Section title={t.overview.bots}>
      <Group gap="md" mb="sm">
        {states.map((state) => {
          const many = summary.states[state] ?? 0;
          return (
            many > 0 && (
              <Group key={state} gap={6}>
                <BotBadge state={state} />
                <TextLink to="/bots" search={{ state }}>
                  {count(many)}
                </TextLink>
              </Group>
            )
          );
        })}
      </Group>
      {summary.unwell.length === 0 && <Text className="quiet">{t.overview.allWell}</Text>}
      <Stack gap={6}>
        {summary.unwell.map((bot) => (
          <Group key={bot.id} gap="xs" wrap="nowrap" align="flex-start">
            <BotBadge state={bot.state} />
            <Text size="sm">
              <TextLink to="/bots/$bot" params={{ bot: bot.name }}>
                {bot.name}
              </TextLink>{" "}
              {bot.reason}
            </Text>
          </Group>
        ))}
        {further > 0 && <Text size="sm">{t.overview.moreUnwell(further)}</Text>}
      </Stack>
    </Section>
  );
}
