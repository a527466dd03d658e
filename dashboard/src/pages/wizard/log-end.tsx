import { Text } from "@mantine/core";
import { api } from "~/api/client";
import classes from "~/pages/wizard/wizard.module.css";
import { t } from "~/texts/en";
import { Section } from "~/ui/section";

const LOOK_MS = 2_000;
const MOST_BYTES = 4_000;
const MOST_LINES = 12;

/** The last lines of a bot's log. That there is none yet is no fault of a bot that comes up. */
export function LogEnd({ name, live }: { name: string; live: boolean }) {
  const log = api.useQuery(
    "get",
    "/v1/bots/{bot}/logs",
    { params: { path: { bot: name }, query: { limit: MOST_BYTES } } },
    { refetchInterval: live ? LOOK_MS : false, retry: false },
  );
  const lines = (log.data?.text ?? "").trimEnd().split("\n").slice(-MOST_LINES).join("\n");
  return (
    <Section title={t.wizard.deploy.log}>
      {lines ? (
        <pre className={classes.log} role="log" aria-label={t.wizard.deploy.log}>
          {lines}
        </pre>
      ) : (
        <Text className="quiet">{t.wizard.deploy.noLog}</Text>
      )}
    </Section>
  );
}
