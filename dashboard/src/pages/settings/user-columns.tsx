import type { GrantView, UserView } from "~/api/__generated__/schema";
import { When } from "~/components/when";
import type { Column } from "~/table/query-table";
import { t } from "~/texts/en";

function roles(grants: readonly GrantView[]): string {
  const words = grants.map(({ role, fleet }) =>
    fleet ? t.users.on(t.states.role[role], fleet) : t.states.role[role],
  );
  return words.join(", ") || t.users.noRoles;
}

export const userColumns: readonly Column<UserView>[] = [
  { key: "name", header: t.users.name, width: "1fr", cell: ({ name }) => name },
  {
    key: "email",
    header: t.users.email,
    width: "1.5fr",
    cell: ({ email }) => email,
    wideOnly: true,
  },
  {
    key: "roles",
    header: t.users.roles,
    width: "1.5fr",
    cell: ({ grants }) => <span title={roles(grants)}>{roles(grants)}</span>,
  },
  {
    key: "login",
    header: t.users.lastLogin,
    width: "8rem",
    cell: ({ last_login_at }) => (last_login_at ? <When at={last_login_at} /> : t.users.never),
    wideOnly: true,
  },
];
