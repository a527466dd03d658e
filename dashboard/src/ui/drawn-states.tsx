import {
  Alert,
  Button,
  Center,
  Code,
  Group,
  List,
  Skeleton,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** Loading: the shape of what comes, so that nothing jumps. */
export function LoadingRows(props: { label: string; rows?: number }) {
  const rows = Array.from({ length: props.rows ?? 6 }, (_, index) => index);
  return (
    <Stack gap="xs" role="status" aria-label={props.label}>
      {rows.map((row) => (
        <Skeleton key={row} height={36} radius="sm" />
      ))}
    </Stack>
  );
}

/** Empty: what would be here, and the one thing to do about it. */
export function EmptyState(props: { title: string; text: string; action?: ReactNode }) {
  return (
    <Center py="xl">
      <Stack align="center" gap="xs" maw={460} ta="center">
        <Title order={2} size="h4">
          {props.title}
        </Title>
        <Text className="quiet">{props.text}</Text>
        {props.action}
      </Stack>
    </Center>
  );
}

/** What an error screen says; made by `components/fault.tsx` from a fault of the API. */
export interface Trouble {
  title: string;
  text: string;
  hint: string;
  issues: readonly { path: string; message: string }[];
  requestId: string;
}

/** Error: what, why, how to mend it, the request's number, and another try. */
export function ErrorState(props: {
  trouble: Trouble;
  lead?: string;
  retryLabel: string;
  onRetry?: () => void;
}) {
  const { title, text, hint, issues, requestId } = props.trouble;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={title}
      role="alert"
    >
      <Stack gap="xs">
        {props.lead && <Text size="sm">{props.lead}</Text>}
        {text && <Text size="sm">{text}</Text>}
        {issues.length > 0 && (
          <List size="sm">
            {issues.map((issue) => (
              <List.Item key={issue.path + issue.message}>
                <Code>{issue.path}</Code> {issue.message}
              </List.Item>
            ))}
          </List>
        )}
        {hint && <Text size="sm">{hint}</Text>}
        <Group gap="md">
          {props.onRetry && (
            <Button size="xs" variant="default" onClick={props.onRetry}>
              {props.retryLabel}
            </Button>
          )}
          {requestId && <Text className="mono">{requestId}</Text>}
        </Group>
      </Stack>
    </Alert>
  );
}
