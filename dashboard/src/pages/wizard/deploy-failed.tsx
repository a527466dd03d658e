import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { BotView } from "~/api/__generated__/schema";
import { SCOPE } from "~/api/can";
import { api, fetcher } from "~/api/client";
import { Fault } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { t } from "~/texts/en";
import { pb } from "~/util/path-builder";

/** What failed, why, and the ways on: its log, a change, another try. */
export function DeployFailed({ bot }: { bot: BotView }) {
  const client = useQueryClient();
  const mayStart = useHolds(SCOPE.start, bot.fleet);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const operations = api.useQuery("get", "/v1/operations", {
    params: { query: { subject: bot.id, limit: 1 } },
  });
  const error = operations.data?.items[0]?.error ?? "";

  async function again(): Promise<void> {
    setBusy(true);
    setFault(null);
    try {
      await fetcher.POST("/v1/bots/{bot}/start", { params: { path: { bot: bot.id } } });
      await client.invalidateQueries();
    } catch (thrown) {
      setFault(thrown);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Alert color="red" role="alert" title={t.wizard.deploy.why}>
      <Stack gap="sm">
        <Text size="sm">{error || bot.reason}</Text>
        {error !== "" && error !== bot.reason && <Text size="sm">{bot.reason}</Text>}
        <Group gap="xs">
          {mayStart && (
            <Button size="xs" onClick={again} loading={busy}>
              {t.wizard.deploy.again}
            </Button>
          )}
          {mayStart && (
            <Button size="xs" variant="default" component={Link} to={pb.botConfiguration(bot.name)}>
              {t.wizard.deploy.change}
            </Button>
          )}
          <Button size="xs" variant="default" component={Link} to={pb.botLogs(bot.name)}>
            {t.wizard.deploy.readLog}
          </Button>
        </Group>
        {fault !== null && <Fault error={fault} />}
      </Stack>
    </Alert>
  );
}
