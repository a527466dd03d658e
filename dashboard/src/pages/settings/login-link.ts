import type { UserView } from "~/api/__generated__/schema";
import { fetcher } from "~/api/client";
import type { Once } from "~/pages/settings/shown-once";
import { t } from "~/texts/en";
import { pb } from "~/util/path-builder";

/** Make a link that logs this user in once. What opens the door stands after the "#". */
export async function linkFor(user: Pick<UserView, "id" | "name">): Promise<Once> {
  const { data } = await fetcher.POST("/v1/users/{user_id}/login-link", {
    params: { path: { user_id: user.id } },
  });
  const value = `${window.location.origin}${pb.login()}#${data?.token}`;
  return { title: t.users.linkTitle(user.name), text: t.users.linkText, value };
}
