export default function BotLayout() {
  return null;
}
