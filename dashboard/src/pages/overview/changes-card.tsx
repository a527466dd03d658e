import { Group, Stack, Text } from "@mantine/core";
import { api } from "~/api/client";
import { Fault } from "~/components/fault";
import { OperationBadge } from "~/components/state-badge";
import { When } from "~/components/when";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { Section } from "~/ui/section";

/** The last things that were asked of bots, and what became of them. */
export function ChangesCard() {
  const changes = api.useQuery("get", "/v1/operations", { params: { query: { limit: 8 } } });
  return (
    <Section title={t.overview.changes}>
      {changes.isPending && <LoadingRows label={t.common.loading} rows={4} />}
      {!changes.data && changes.error !== null && (
        <Fault error={changes.error} onRetry={() => changes.refetch()} />
      )}
      {changes.data?.items.length === 0 && <Text className="quiet">{t.overview.noChanges}</Text>}
      <Stack gap={6}>
        {changes.data?.items.map((one) => (
          <Group key={one.id} gap="xs" wrap="nowrap">
            <OperationBadge state={one.state} />
            <Text size="sm" truncate>
              {one.kind} {one.subject}
            </Text>
            <Text size="sm" className="quiet" ml="auto" style={{ whiteSpace: "nowrap" }}>
              <When at={one.begun_at} />
            </Text>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
