export default function BotOverviewPage() {
  return null;
}
