export default function SecretsPage() {
  return null;
}
