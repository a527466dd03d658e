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
  return (
    <TextLink to="/bots/$bot" params={{ bot: bot.data?.name ?? props.id }}>
      {bot.data?.name ?? props.id}
    </TextLink>
  );
}
