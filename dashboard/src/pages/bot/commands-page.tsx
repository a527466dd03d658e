export default function CommandsPage() {
  return null;
}
