import { Button } from "@mantine/core";
import { useState } from "react";
import type { UserView } from "~/api/__generated__/schema";
import { api, fetcher, queryClient } from "~/api/client";
import { KEYSET } from "~/api/listing";
import { tellDone, tellFault } from "~/components/fault";
import { RowMenu } from "~/components/row-menu";
import { useHolds } from "~/components/use-me";
import { linkFor } from "~/pages/settings/login-link";
import { type Once, ShownOnce } from "~/pages/settings/shown-once";
import { userColumns } from "~/pages/settings/user-columns";
import { UserInvite } from "~/pages/settings/user-invite";
import { UserRoles } from "~/pages/settings/user-roles";
import { confirmStore } from "~/stores/confirm";
import { QueryTable } from "~/table/query-table";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";
import { Part } from "~/ui/part";

type Shown = { kind: "invite" } | { kind: "roles"; user: UserView } | { kind: "once"; once: Once };

/** Everybody who may come in, and what each may do. */
export default function UsersPage() {
  const mayWrite = useHolds("user:write");
  const [shown, setShown] = useState<Shown | null>(null);
  const query = api.useInfiniteQuery(
    "get",
    "/v1/users",
    { params: { query: { limit: 100 } } },
    KEYSET,
  );
  const close = () => setShown(null);
  const showOnce = (once: Once) => setShown({ kind: "once", once });

  const items = (user: UserView) => [
    { text: t.users.change, onClick: () => setShown({ kind: "roles", user }) },
    { text: t.users.link, onClick: () => void linkFor(user).then(showOnce, tellFault) },
    { text: t.users.remove, onClick: () => remove(user) },
  ];
  return (
    <Part
      title={t.users.title}
      lead={t.users.lead}
      actions={
        mayWrite && <Button onClick={() => setShown({ kind: "invite" })}>{t.users.invite}</Button>
      }
    >
      <QueryTable
        label={t.users.title}
        query={query}
        rowKey={(user) => user.id}
        empty={<EmptyState title={t.users.emptyTitle} text={t.users.emptyText} />}
        columns={[
          ...userColumns,
          ...(mayWrite
            ? [
                {
                  key: "actions",
                  header: t.users.actions,
                  width: "6.5rem",
                  cell: (user: UserView) => (
                    <RowMenu
                      text={t.users.actions}
                      label={t.users.actionsOf(user.name)}
                      items={items(user)}
                    />
                  ),
                },
              ]
            : []),
        ]}
      />
      {shown?.kind === "invite" && <UserInvite onClose={close} onLink={showOnce} />}
      {shown?.kind === "roles" && <UserRoles user={shown.user} onClose={close} />}
      {shown?.kind === "once" && <ShownOnce once={shown.once} onClose={close} />}
    </Part>
  );
}

function remove(user: UserView): void {
  confirmStore.ask({
    title: t.users.removeTitle(user.name),
    losses: [t.users.lostAccess, t.users.lostTokens, t.users.kept],
    action: t.users.remove,
    word: user.email,
    onYes: async () => {
      await fetcher.DELETE("/v1/users/{user_id}", { params: { path: { user_id: user.id } } });
      tellDone(t.users.removed(user.name));
      await queryClient.invalidateQueries({ queryKey: ["get", "/v1/users"] });
    },
  });
}
