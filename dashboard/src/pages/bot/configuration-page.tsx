import { Code, Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { BotDetail } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { Fault } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { SpecEditor } from "~/pages/bot/spec-editor";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { Facts } from "~/ui/facts";
import { Section } from "~/ui/section";
import { documentLines, fieldName } from "~/util/plan";

const route = getRouteApi("/app/bots/$bot");

/** All that a bot is made of: to change for those who may, to read for everybody else. */
export default function ConfigurationPage() {
  const { bot: name } = route.useParams();
  const query = api.useQuery("get", "/v1/bots/{bot}", { params: { path: { bot: name } } });
  const mayChange = useHolds("bot:write", query.data?.fleet);
  if (query.isPending) return <LoadingRows label={t.common.loading} />;
  if (!query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  if (mayChange && !query.data.deleting) return <SpecEditor live={query.data} />;
  return (
    <Stack>
      {mayChange && <Text>{t.configuration.deleting}</Text>}
      <Reading bot={query.data} />
    </Stack>
  );
}

function Reading({ bot }: { bot: BotDetail }) {
  const rows = documentLines({}, bot.spec).map(({ path, after }) => {
    const shown = path === "tools.exec" ? t.configuration.execWords[after ?? ""] : after;
    return [
      fieldName(path) ?? path,
      <span key={path} style={{ whiteSpace: "pre-wrap" }}>
        {shown}
      </span>,
    ] as const;
  });
  return (
    <>
      <Section title={t.configuration.title}>
        <Facts label={t.configuration.title} rows={rows} />
      </Section>
      <Section title={t.configuration.document}>
        <Code block>{JSON.stringify(bot.spec, null, 2)}</Code>
      </Section>
    </>
  );
}
