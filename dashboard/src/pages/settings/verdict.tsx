import { Alert, Text } from "@mantine/core";
import type { CheckView } from "~/api/__generated__/schema";
import { t } from "~/texts/en";

/** What a provider said when it was asked: whether it takes the key, and what to do if not. */
export function Verdict(props: { verdict: CheckView }) {
  const { ok, message, hint, models } = props.verdict;
  return (
    <Alert color={ok ? "green" : "red"} variant="light" role="status" mb="sm" title={message}>
      {hint && <Text size="sm">{hint}</Text>}
      {models.length > 0 && <Text size="sm">{t.providers.models(models.length)}</Text>}
    </Alert>
  );
}
