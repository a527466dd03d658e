import { getRouteApi } from "@tanstack/react-router";
import { useHolds } from "~/components/use-me";
import { Deploy } from "~/pages/wizard/deploy";
import { WizardSteps } from "~/pages/wizard/wizard-steps";
import { t } from "~/texts/en";
import { EmptyState } from "~/ui/drawn-states";
import { PageHead } from "~/ui/page-head";

const route = getRouteApi("/app/new");

/** From nothing to a bot that answers: its steps, then (`?bot=`) how it comes up. */
export default function WizardPage() {
  const { bot } = route.useSearch();
  const mayMake = useHolds("bot:write");
  if (bot) return <Deploy key={bot} name={bot} />;
  if (mayMake) return <WizardSteps />;
  return (
    <>
      <PageHead title={t.wizard.title} />
      <EmptyState title={t.wizard.forbiddenTitle} text={t.wizard.forbiddenText} />
    </>
  );
}
