import { UnstyledButton } from "@mantine/core";
import type { AuditEventView } from "~/api/__generated__/schema";
import { When } from "~/components/when";
import type { Column } from "~/table/query-table";
import { t } from "~/texts/en";

/** The columns of the log; the action opens the entry. */
export function auditColumns(
  open: (event: AuditEventView) => void,
): readonly Column<AuditEventView>[] {
  return [
    { key: "at", header: t.audit.at, width: "8rem", cell: (event) => <When at={event.at} /> },
    {
      key: "action",
      header: t.audit.action,
      width: "2fr",
      cell: (event) => (
        <UnstyledButton
          fz="sm"
          td="underline"
          onClick={() => open(event)}
          aria-label={t.audit.open(`${event.action} ${event.number ?? ""}`)}
        >
          {event.action}
        </UnstyledButton>
      ),
    },
    { key: "who", header: t.audit.who, width: "1fr", cell: (event) => event.actor.name },
    {
      key: "subject",
      header: t.audit.subject,
      width: "2fr",
      cell: (event) => <span className="mono">{event.subject}</span>,
      wideOnly: true,
    },
    {
      key: "number",
      header: t.audit.number,
      width: "5rem",
      cell: (event) => event.number,
      wideOnly: true,
    },
  ];
}
