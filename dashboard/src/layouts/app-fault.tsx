import { Button, Container, Group, Text } from "@mantine/core";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { asFault } from "~/api/faults";
import { useLogOut } from "~/components/use-log-out";
import { PageFault } from "~/layouts/page-states";
import { t } from "~/texts/en";
import { PageHead } from "~/ui/page-head";

const FORBIDDEN = 403;

/** What is shown when who is logged in may not even know who they are, or that is not known. */
export function AppFault(props: ErrorComponentProps) {
  return asFault(props.error).status === FORBIDDEN ? (
    <NoRole reset={props.reset} />
  ) : (
    <PageFault {...props} />
  );
}

/** Somebody without any role: nothing can be shown to them, and they must be able to leave. */
function NoRole({ reset }: { reset: () => void }) {
  const router = useRouter();
  const leave = useLogOut();
  return (
    <Container component="main" py="xl" size="sm">
      <PageHead title={t.common.noRoleTitle} />
      <Text mb="md">{t.common.noRoleText}</Text>
      <Group>
        <Button
          onClick={() => {
            reset();
            router.invalidate();
          }}
        >
          {t.common.retry}
        </Button>
        <Button variant="default" onClick={leave}>
          {t.common.logout}
        </Button>
      </Group>
    </Container>
  );
}
