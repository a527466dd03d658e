import { Group, Stack, Text } from "@mantine/core";
import type { BotState, BotView } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { Chat } from "~/components/chat";
import { Fault } from "~/components/fault";
import { TextLink } from "~/components/links";
import { BotBadge } from "~/components/state-badge";
import { DeployFailed } from "~/pages/wizard/deploy-failed";
import { DeploySteps } from "~/pages/wizard/deploy-steps";
import { LogEnd } from "~/pages/wizard/log-end";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { PageHead } from "~/ui/page-head";

type Stage = "coming" | "up" | "failed" | "resting";
const STAGE: Record<BotState, Stage> = {
  pending: "coming",
  provisioning: "coming",
  starting: "coming",
  running: "up",
  degraded: "up",
  failed: "failed",
  paused: "resting",
  stopping: "resting",
  stopped: "resting",
  deleting: "resting",
};
const TITLE: Record<Stage, (name: string) => string> = {
  coming: t.wizard.deploy.title,
  up: t.wizard.deploy.upTitle,
  failed: t.wizard.deploy.failedTitle,
  resting: t.wizard.deploy.restTitle,
};
const LEAD: Record<Stage, string> = {
  coming: t.wizard.deploy.lead,
  up: t.wizard.deploy.upLead,
  failed: t.wizard.deploy.failedLead,
  resting: t.wizard.deploy.restLead,
};
/** Events tell of most changes at once; this is for what they do not. */
const LOOK_MS = 2_000;

/** A new bot on its way: what happens while it happens, then its chat, or why there is none. */
export function Deploy({ name }: { name: string }) {
  const query = api.useQuery(
    "get",
    "/v1/bots/{bot}",
    { params: { path: { bot: name } } },
    { refetchInterval: ({ state }) => (stageOf(state.data) === "coming" ? LOOK_MS : false) },
  );
  if (query.isPending) return <LoadingRows label={t.common.loading} />;
  if (!query.data) return <Fault error={query.error} onRetry={() => query.refetch()} />;
  const bot = query.data;
  const stage = STAGE[bot.state];
  return (
    <>
      <PageHead
        title={TITLE[stage](bot.name)}
        lead={LEAD[stage]}
        actions={
          <Group>
            <TextLink to="/bots/$bot" params={{ bot: bot.name }}>
              {t.wizard.deploy.open}
            </TextLink>
            {stage === "up" && <TextLink to="/new">{t.wizard.deploy.another}</TextLink>}
          </Group>
        }
      />
      <Stack maw={860}>
        <Group gap="xs" role="status">
          <BotBadge state={bot.state} />
          {stage !== "failed" && <Text size="sm">{bot.reason}</Text>}
        </Group>
        {stage === "up" && <Chat name={bot.name} focus />}
        {stage === "failed" && <DeployFailed bot={bot} />}
        {(stage === "coming" || stage === "failed") && (
          <>
            <DeploySteps bot={bot} live={stage === "coming"} />
            <LogEnd name={bot.name} live={stage === "coming"} />
          </>
        )}
      </Stack>
    </>
  );
}

function stageOf(bot: BotView | undefined): Stage | undefined {
  return bot && STAGE[bot.state];
}
