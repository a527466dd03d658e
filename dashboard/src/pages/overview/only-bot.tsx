import { Button, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { refusal, SCOPE } from "~/api/can";
import { api } from "~/api/client";
import { holds } from "~/api/session";
import { useMe } from "~/components/use-me";
import { t } from "~/texts/en";
import { Section } from "~/ui/section";
import { pb } from "~/util/path-builder";

/** Where there is one bot alone, talking to it comes first. Nothing while it cannot be talked to. */
export function OnlyBot() {
  const me = useMe();
  const bots = api.useQuery("get", "/v1/bots", { params: { query: { limit: 1 } } });
  const bot = bots.data?.items[0];
  if (!bot || !holds(me, SCOPE.chat, bot.fleet) || refusal(bot, "chat") !== null) return null;
  return (
    <Section title={t.overview.onlyTitle(bot.name)}>
      <Group justify="space-between">
        <Text>{t.overview.onlyText}</Text>
        <Button component={Link} to={pb.botChat(bot.name)}>
          {t.overview.talkTo(bot.name)}
        </Button>
      </Group>
    </Section>
  );
}
