import { Alert, Button, Card, Group, Stack, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { api } from "~/api/client";
import { Fault } from "~/components/fault";
import { HealthBadge } from "~/components/state-badge";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { PageHead } from "~/ui/page-head";

/** Every check of the installation with its remedy. Looking is asking: it examines on opening. */
export default function DoctorPage() {
  const exam = api.useQuery("post", "/v1/doctor", {}, { staleTime: 0, gcTime: 0, retry: false });
  return (
    <>
      <PageHead
        title={t.doctor.title}
        lead={t.doctor.lead}
        actions={
          <Button variant="default" onClick={() => exam.refetch()} loading={exam.isFetching}>
            {t.doctor.again}
          </Button>
        }
      />
      {exam.isPending && <LoadingRows label={t.doctor.examining} />}
      {!exam.data && exam.error !== null && (
        <Fault error={exam.error} onRetry={() => exam.refetch()} />
      )}
      {exam.data?.well && (
        <Alert
          role="status"
          color="green"
          icon={<IconCircleCheck aria-hidden />}
          title={t.doctor.well}
          mb="md"
        >
          {t.doctor.wellText}
        </Alert>
      )}
      <Stack component="ul" gap="sm" p={0} style={{ listStyle: "none" }}>
        {exam.data?.findings.map((finding) => (
          <Card withBorder component="li" key={finding.check + finding.message}>
            <Group align="flex-start" wrap="nowrap">
              <HealthBadge health={finding.health} />
              <div>
                <Text fw={600}>{finding.check}</Text>
                <Text size="sm">{finding.message}</Text>
                {finding.hint && (
                  <Text size="sm" className="quiet">
                    {`${t.doctor.remedy} ${finding.hint}`}
                  </Text>
                )}
              </div>
            </Group>
          </Card>
        ))}
      </Stack>
    </>
  );
}
