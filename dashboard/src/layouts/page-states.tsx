import { Container } from "@mantine/core";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { Fault } from "~/components/fault";
import { TextLink } from "~/components/links";
import { t } from "~/texts/en";
import { EmptyState, LoadingRows } from "~/ui/drawn-states";

/** A page that is being fetched. */
export function PageLoading() {
  return <LoadingRows label={t.common.loading} />;
}

/** A page whose first question failed, whatever the page. */
export function PageFault({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Container py="xl" size="sm">
      <Fault
        error={error}
        onRetry={() => {
          reset();
          router.invalidate();
        }}
      />
    </Container>
  );
}

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <EmptyState
      title={t.common.notFoundTitle}
      text={t.common.notFoundText}
      action={<TextLink to="/">{t.common.home}</TextLink>}
    />
  );
}
