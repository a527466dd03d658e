import { api } from "~/api/client";
import { TextLink } from "~/components/links";

/** A bot by its name, where only its id is known; the id itself while the name is not there. */
export function BotName(props: { id: string }) {
  const bot = api.useQuery(
    "get",
    "/v1/bots/{bot}",
    { params: { path: { bot: props.id } } },
    {
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    },
  );
  // A name may belong to another bot once this one is deleted; its id never does.
  const known = bot.data && !bot.data.deleting ? bot.data.name : props.id;
  return (
    <TextLink to="/bots/$bot" params={{ bot: known }}>
      {bot.data?.name ?? props.id}
    </TextLink>
  );
}
