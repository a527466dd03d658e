import { Badge } from "@mantine/core";
import type { TokenView } from "~/api/__generated__/schema";
import { When } from "~/components/when";
import type { Column } from "~/table/query-table";
import { t } from "~/texts/en";
import { day } from "~/util/format";

type Standing = keyof typeof t.tokens.states;
const COLOR: Record<Standing, string> = { good: "green", revoked: "gray", expired: "orange" };

/** Whether a token still opens the door. */
export function standingOf(token: TokenView): Standing {
  if (token.revoked_at !== null) return "revoked";
  const over = token.expires_at !== null && Date.parse(token.expires_at) <= Date.now();
  return over ? "expired" : "good";
}

function may(scopes: readonly string[]): string {
  return scopes.map((scope) => t.tokens.scopes[scope] ?? scope).join("; ");
}

export const tokenColumns: readonly Column<TokenView>[] = [
  { key: "name", header: t.tokens.name, width: "1fr", cell: ({ name }) => name },
  {
    key: "hint",
    header: t.tokens.begins,
    width: "7rem",
    cell: ({ hint }) => <span className="mono">{hint}</span>,
    wideOnly: true,
  },
  {
    key: "may",
    header: t.tokens.may,
    width: "6rem",
    cell: ({ scopes }) => <span title={may(scopes)}>{t.tokens.things(scopes.length)}</span>,
    wideOnly: true,
  },
  {
    key: "state",
    header: t.tokens.state,
    width: "6rem",
    cell: (token) => (
      <Badge color={COLOR[standingOf(token)]} variant="light" tt="none" c="var(--ink)">
        {t.tokens.states[standingOf(token)]}
      </Badge>
    ),
  },
  {
    key: "expires",
    header: t.tokens.expires,
    width: "8rem",
    cell: ({ expires_at }) => (expires_at ? day(expires_at) : t.tokens.never),
    wideOnly: true,
  },
  {
    key: "used",
    header: t.tokens.lastUsed,
    width: "8rem",
    cell: ({ last_used_at }) => (last_used_at ? <When at={last_used_at} /> : t.tokens.notUsed),
    wideOnly: true,
  },
];
