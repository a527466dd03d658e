export default function BotCallsPage() {
  return null;
}
