import { Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { fetcher } from "~/api/client";
import classes from "~/pages/wizard/wizard.module.css";
import { t } from "~/texts/en";
import { Section } from "~/ui/section";

const LOOK_MS = 2_000;
const MOST_BYTES = 4_000;
const MOST_LINES = 12;

/** The last lines of a bot's log. That there is none yet is no fault of a bot that comes up. */
export function LogEnd({ name, live }: { name: string; live: boolean }) {
  const client = useQueryClient();
  const queryKey = ["log-end", name];
  const log = useQuery({
    queryKey,
    queryFn: async () => {
      try {
        const params = { path: { bot: name }, query: { limit: MOST_BYTES } };
        return (await fetcher.GET("/v1/bots/{bot}/logs", { params })).data?.text ?? "";
      } catch {
        // Its supervisor is not there yet, or comes anew: what was read stays.
        return client.getQueryData<string>(queryKey) ?? "";
      }
    },
    refetchInterval: live ? LOOK_MS : false,
  });
  const lines = (log.data ?? "").trimEnd().split("\n").slice(-MOST_LINES).join("\n");
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
