import { Alert, Button, Code, Group, Modal, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { AuditEventView } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { Fault } from "~/components/fault";
import { FilterBar } from "~/components/filter-bar";
import { TextLink } from "~/components/links";
import { auditColumns } from "~/pages/audit/columns";
import { Export } from "~/pages/audit/export";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";
import { Facts } from "~/ui/facts";
import { PageHead } from "~/ui/page-head";
import { count, moment } from "~/util/format";

const route = getRouteApi("/app/audit");

/** Who changed what, newest first, and whether the log itself is whole. */
export default function AuditPage() {
  const filters = route.useSearch();
  const [shown, setShown] = useState<AuditEventView | null>(null);
  const query = api.useInfiniteQuery(
    "get",
    "/v1/audit",
    { params: { query: { ...filters, limit: 100 } } },
    KEYSET,
  );
  const filtered = Object.values(filters).some(Boolean);
  return (
    <>
      <PageHead title={t.audit.title} lead={t.audit.lead} actions={<Export />} />
      <Chain />
      <Filters />
      <QueryTable
        label={t.audit.title}
        query={query}
        columns={auditColumns(setShown)}
        rowKey={(event) => event.id}
        height="calc(100dvh - 20rem)"
        empty={
          <EmptyState
            title={filtered ? t.audit.noMatchTitle : t.audit.emptyTitle}
            text={filtered ? t.bots.noMatchText : t.audit.emptyText}
            action={filtered && <TextLink to="/audit">{t.audit.clear}</TextLink>}
          />
        }
      />
      {shown && <Detail event={shown} onClose={() => setShown(null)} />}
    </>
  );
}

/** Asked for, not on opening: checking reads the whole log. */
function Chain() {
  const verdict = api.useQuery("get", "/v1/audit/verify", {}, { enabled: false, retry: false });
  const said = verdict.data;
  return (
    <Group mb="md">
      <Button variant="default" onClick={() => verdict.refetch()} loading={verdict.isFetching}>
        {t.audit.verify}
      </Button>
      {verdict.error !== null && <Fault error={verdict.error} />}
      {said?.ok && (
        <Text role="status">
          {t.audit.whole(said.linked)} {said.unlinked > 0 && t.audit.unlinked(said.unlinked)}
        </Text>
      )}
      {said && !said.ok && (
        <Alert color="red" role="alert" title={t.audit.broken}>
          {said.problem}
        </Alert>
      )}
    </Group>
  );
}

function Filters() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <FilterBar
      filters={[
        { key: "q", label: t.audit.search, placeholder: t.audit.searchHint },
        { key: "actor", label: t.audit.actor, placeholder: t.audit.actorHint },
        { key: "action", label: t.audit.action, placeholder: t.audit.actionHint },
        { key: "subject", label: t.audit.subject, placeholder: t.audit.subjectHint },
      ]}
      values={filters}
      change={(part) => navigate({ search: (now) => ({ ...now, ...part }), replace: true })}
    />
  );
}

function Detail(props: { event: AuditEventView; onClose: () => void }) {
  const { event } = props;
  return (
    <Modal
      opened
      onClose={props.onClose}
      size="lg"
      title={event.action}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      <Facts
        label={t.audit.detail}
        rows={[
          [t.audit.at, moment(event.at)],
          [t.audit.who, `${event.actor.name} (${event.actor.id})`],
          [t.audit.subject, event.subject],
          [t.audit.number, event.number === null ? t.common.none : count(event.number)],
          [
            t.audit.hash,
            <span key="hash" className="mono">
              {event.hash ?? t.common.none}
            </span>,
          ],
        ]}
      />
      <Code block mt="sm">
        {JSON.stringify(event.detail, null, 2)}
      </Code>
      <Group mt="sm">
        <TextLink to="/audit" search={{ subject: event.subject }} onClick={props.onClose}>
          {t.audit.sameSubject}
        </TextLink>
        <TextLink to="/audit" search={{ actor: event.actor.id }} onClick={props.onClose}>
          {t.audit.sameActor}
        </TextLink>
      </Group>
    </Modal>
  );
}
