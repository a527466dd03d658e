import { api } from "~/api/client";
import { useHolds, useMe } from "~/components/use-me";
import { t } from "~/texts/en";

/** Who did something: by name for those who may know people, by id for everybody else. */
export function Person({ id }: { id: string }) {
  const me = useMe();
  const mayKnow = useHolds("user:read");
  const user = api.useQuery(
    "get",
    "/v1/users/{user_id}",
    { params: { path: { user_id: id } } },
    { enabled: mayKnow && id !== me.id, staleTime: Number.POSITIVE_INFINITY, retry: false },
  );
  if (id === me.id) return t.common.you;
  return user.data?.name ?? <span className="mono">{id}</span>;
}
