import { Stack } from "@mantine/core";
import { api } from "~/api/client";
import { Fault } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { BudgetSection } from "~/pages/settings/budget-section";
import { WorkspaceSection } from "~/pages/settings/workspace-section";
import { t } from "~/texts/en";
import { Copyable } from "~/ui/copyable";
import { LoadingRows } from "~/ui/drawn-states";
import { Facts } from "~/ui/facts";
import { Section } from "~/ui/section";

/** What runs here and where, the workspace's name, and what it may spend. */
export default function AboutPage() {
  const budgets = useHolds("budget:read");
  return (
    <Stack>
      <WorkspaceSection />
      {budgets && <BudgetSection />}
      <Installation />
    </Stack>
  );
}

function Installation() {
  const query = api.useQuery("get", "/v1/about");
  const found = query.data;
  const address = (value: string) => (
    <Copyable value={value} copy={t.common.copy} copied={t.common.copied} />
  );
  return (
    <Section title={t.about.installation}>
      {query.isPending && <LoadingRows label={t.common.loading} rows={4} />}
      {!query.data && query.error !== null && (
        <Fault error={query.error} onRetry={() => query.refetch()} />
      )}
      {found && (
        <Facts
          label={t.about.installation}
          rows={[
            [t.about.version, found.version],
            [t.about.console, address(window.location.origin)],
            [t.about.api, address(found.api_url)],
            [t.about.gateway, address(found.gateway_url)],
            [t.about.demo, found.demo_url ? address(found.demo_url) : t.about.noDemo],
            [t.about.database, found.database],
            [t.about.python, found.python],
            [t.about.system, found.system],
          ]}
        />
      )}
    </Section>
  );
}
