export default function RevisionsPage() {
  return null;
}
