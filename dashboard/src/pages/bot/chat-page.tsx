import { getRouteApi } from "@tanstack/react-router";
import { Chat } from "~/components/chat";

const route = getRouteApi("/app/bots/$bot");

/** Talking to this bot. */
export default function ChatPage() {
  const { bot } = route.useParams();
  return <Chat name={bot} />;
}
