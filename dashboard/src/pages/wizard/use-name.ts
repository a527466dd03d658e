import { useDebouncedValue } from "@mantine/hooks";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, fetcher } from "~/api/client";
import { asFault } from "~/api/faults";
import type { Draft } from "~/pages/wizard/draft";
import { t } from "~/texts/en";

/** The rule of the API for names. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const TYPING_MS = 300;

/** Whether there is a bot of this name that we may know of. */
const takenQuery = (name: string) =>
  queryOptions({
    // The second word is what events of bots make old.
    queryKey: ["get", "/v1/bots", "taken", name],
    queryFn: async () => {
      try {
        await fetcher.GET("/v1/bots/{bot}", { params: { path: { bot: name } } });
        return true;
      } catch (thrown) {
        if (asFault(thrown).status === 404) return false;
        throw thrown;
      }
    },
  });

/** The name as it stands, what is wrong with it, and a last look before going on. */
export function useName(draft: Draft) {
  const client = useQueryClient();
  const base = t.wizard.purpose.starts[draft.start].name;
  const like = api.useQuery(
    "get",
    "/v1/bots",
    { params: { query: { q: base, limit: 500 } } },
    { enabled: draft.name === null },
  );
  const name = draft.name ?? firstFree(base, like.data?.items.map((bot) => bot.name) ?? []);
  const [still] = useDebouncedValue(name, TYPING_MS);
  const valid = NAME.test(name);
  // After asking without an answer the bot of this name may be the very one that was asked for.
  const look = valid && !draft.sent;
  const taken = useQuery({ ...takenQuery(still), enabled: look && still === name });
  return {
    name,
    problem: valid
      ? look && taken.data
        ? t.wizard.purpose.nameTaken
        : null
      : t.wizard.purpose.nameWrong,
    /** False: it is taken. If the server cannot say so now, the plan finds it out as well. */
    isFree: async () => !look || !(await client.fetchQuery(takenQuery(name)).catch(() => false)),
  };
}

function firstFree(base: string, taken: readonly string[]): string {
  if (!taken.includes(base)) return base;
  let number = 2;
  while (taken.includes(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
