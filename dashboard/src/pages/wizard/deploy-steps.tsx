import { Progress, Text } from "@mantine/core";
import type { BotView, ReportView } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { Fault } from "~/components/fault";
import classes from "~/pages/wizard/wizard.module.css";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { Section } from "~/ui/section";
import { clock, duration } from "~/util/format";

const LOOK_MS = 1_000;

/** The steps of what was asked last, how far an installation is, and how long each phase took. */
export function DeploySteps({ bot, live }: { bot: BotView; live: boolean }) {
  const again = { refetchInterval: live ? LOOK_MS : (false as const) };
  const operations = api.useQuery(
    "get",
    "/v1/operations",
    { params: { query: { subject: bot.id, limit: 1 } } },
    again,
  );
  const placement = api.useQuery(
    "get",
    "/v1/bots/{bot}/placement",
    { params: { path: { bot: bot.name } } },
    // Until it is placed there is none; its steps say what it waits for.
    { ...again, retry: false },
  );
  const steps = operations.data?.items[0]?.steps ?? [];
  return (
    <Section title={t.wizard.deploy.steps}>
      {operations.isPending && <LoadingRows label={t.common.loading} rows={2} />}
      {!operations.data && operations.error !== null && (
        <Fault error={operations.error} onRetry={() => operations.refetch()} />
      )}
      {operations.data && steps.length === 0 && (
        <Text className="quiet">{t.wizard.deploy.waiting}</Text>
      )}
      <ol className={classes.happening} aria-label={t.wizard.deploy.steps}>
        {steps.map((step) => (
          <li key={step.at + step.words}>
            <Text size="sm" component="span" className="quiet">
              {clock(step.at)}
            </Text>{" "}
            <Text size="sm" component="span">
              {step.words}
            </Text>
          </li>
        ))}
      </ol>
      {placement.data?.report && <Report report={placement.data.report} live={live} />}
    </Section>
  );
}

function Report({ report, live }: { report: ReportView; live: boolean }) {
  const { progress_done: done, progress_total: total } = report;
  const part = total > 0 ? Math.round((done / total) * 100) : 0;
  const phases = Object.entries(report.phases).map(
    ([name, seconds]) => `${name} ${duration(seconds * 1000)}`,
  );
  return (
    <>
      {live && total > 0 && done < total && (
        <Progress value={part} aria-label={t.wizard.deploy.done(part)} mt="sm" />
      )}
      {phases.length > 0 && (
        <Text size="sm" className="quiet" mt="sm">
          {phases.join(", ")}
        </Text>
      )}
      {[...report.issues, ...report.findings].map((one) => (
        <Text size="sm" key={one.message}>
          {one.message}
        </Text>
      ))}
    </>
  );
}
