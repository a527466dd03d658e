import { Text } from "@mantine/core";
import { useState } from "react";
import type { GrantInput, UserView } from "~/api/__generated__/schema";
import { fetcher, queryClient } from "~/api/client";
import { tellDone } from "~/components/fault";
import { FormDialog } from "~/components/form-dialog";
import { GrantFields } from "~/pages/settings/grant-fields";
import { t } from "~/texts/en";

/** All roles of one user, set at once. */
export function UserRoles(props: { user: UserView; onClose: () => void }) {
  const { user } = props;
  const [grants, setGrants] = useState<readonly GrantInput[]>(user.grants);

  async function save(): Promise<void> {
    await fetcher.PATCH("/v1/users/{user_id}", {
      params: { path: { user_id: user.id } },
      body: { grants: [...grants] },
    });
    tellDone(t.users.changed(user.name));
    // It may be one's own.
    await queryClient.invalidateQueries();
    props.onClose();
  }

  return (
    <FormDialog
      title={t.users.changeTitle(user.name)}
      submit={t.users.save}
      onSubmit={save}
      onClose={props.onClose}
    >
      <Text size="sm" className="quiet">
        {t.users.changeLead}
      </Text>
      <GrantFields grants={grants} onChange={setGrants} />
    </FormDialog>
  );
}
