import { TextInput } from "@mantine/core";
import { useState } from "react";
import type { GrantInput } from "~/api/__generated__/schema";
import { fetcher, queryClient } from "~/api/client";
import { tellFault } from "~/components/fault";
import { FormDialog } from "~/components/form-dialog";
import { useOnce } from "~/components/use-once";
import { GrantFields } from "~/pages/settings/grant-fields";
import { linkFor } from "~/pages/settings/login-link";
import type { Once } from "~/pages/settings/shown-once";
import { t } from "~/texts/en";

/** Makes a user and the link that lets them in the first time. */
export function UserInvite(props: { onClose: () => void; onLink: (once: Once) => void }) {
  const { once } = useOnce();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [grants, setGrants] = useState<readonly GrantInput[]>([{ role: "viewer", fleet: null }]);

  async function invite(): Promise<void> {
    const body = { name, email, grants: [...grants] };
    const { data } = await fetcher.POST("/v1/users", { params: { header: once(body) }, body });
    await queryClient.invalidateQueries({ queryKey: ["get", "/v1/users"] });
    props.onClose();
    // The user is there: a link that cannot be made now is made from their line.
    if (data) await linkFor(data).then(props.onLink, tellFault);
  }

  return (
    <FormDialog
      title={t.users.invite}
      submit={t.users.inviteSubmit}
      onSubmit={invite}
      onClose={props.onClose}
    >
      <TextInput
        data-autofocus
        label={t.users.name}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t.users.email}
        type="email"
        required
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <GrantFields grants={grants} onChange={setGrants} />
    </FormDialog>
  );
}
