import { Button, Group, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { TextLink } from "~/components/links";
import { useMe } from "~/components/use-me";
import { type Part, type Step, useDraft } from "~/pages/wizard/draft";
import type { Issues } from "~/pages/wizard/issues";
import { ModelStep } from "~/pages/wizard/model-step";
import { PlaceStep } from "~/pages/wizard/place-step";
import { PurposeStep } from "~/pages/wizard/purpose-step";
import { ReviewStep } from "~/pages/wizard/review-step";
import classes from "~/pages/wizard/wizard.module.css";
import { confirmStore } from "~/stores/confirm";
import { t } from "~/texts/en";
import { PageHead } from "~/ui/page-head";
import { STEPS } from "~/util/search";

const route = getRouteApi("/app/new");
/** Which fields of the draft the server names otherwise. */
const NAMES: Record<string, keyof Issues> = { memory: "resources" };

/** The steps before there is a bot. The address says which; the draft stays in the browser. */
export function WizardSteps() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { draft, change, goTo, asked, drop, clear } = useDraft(useMe().id);
  const [issues, setIssues] = useState<Issues>({});
  // Nothing comes before the name: an address that leads further without one begins there.
  const step = draft.name === null ? "purpose" : (search.step ?? draft.step);
  const [over, setOver] = useState(0);

  // The address always says which step this is, so that the browser's way back leads to each.
  useEffect(() => {
    if (search.step !== step) navigate({ search: { step }, replace: true });
  }, [search.step, step, navigate]);

  const go = (to: Step) => navigate({ search: { step: to } });

  useEffect(() => {
    if (draft.name !== null && draft.step !== step) goTo(step);
  });

  function startOver(): void {
    confirmStore.ask({
      title: t.wizard.startOverTitle,
      losses: t.wizard.startOverLosses,
      action: t.wizard.startOver,
      onYes: async () => {
        drop();
        clear();
        setIssues({});
        setOver((times) => times + 1);
        navigate({ search: {} });
      },
    });
  }

  const at = STEPS.indexOf(step);
  const parts = {
    draft,
    issues,
    change: (part: Part) => {
      const named = Object.keys(part).map((name) => NAMES[name] ?? name);
      setIssues((now) =>
        Object.fromEntries(Object.entries(now).filter(([field]) => !named.includes(field))),
      );
      change(part);
    },
    onNext: () => go(STEPS[at + 1] ?? step),
    onBack: () => go(STEPS[at - 1] ?? step),
  };
  return (
    <>
      <PageHead
        title={t.wizard.title}
        actions={
          <Button variant="subtle" onClick={startOver}>
            {t.wizard.startOver}
          </Button>
        }
      />
      <Group component="ol" className={classes.steps} aria-label={t.wizard.progress}>
        {STEPS.map((one, number) => (
          <li key={one} aria-current={one === step ? "step" : undefined}>
            {number < at ? (
              <TextLink to="/new" search={{ step: one }}>
                {t.wizard.steps[one]}
              </TextLink>
            ) : (
              <span className={one === step ? classes.here : "quiet"}>{t.wizard.steps[one]}</span>
            )}
          </li>
        ))}
      </Group>
      <div key={`${step} ${over}`}>
        {step === "purpose" && <PurposeStep {...parts} />}
        {step === "model" && <ModelStep {...parts} />}
        {step === "place" && <PlaceStep {...parts} />}
        {step === "review" && (
          <ReviewStep
            {...parts}
            onAsked={asked}
            onMade={(bot) => {
              drop();
              navigate({ search: { bot }, replace: true });
            }}
            onMend={(to, found) => {
              setIssues(found);
              go(to);
            }}
          />
        )}
      </div>
      <Text size="sm" className="quiet" mt="lg">
        {t.wizard.kept}
      </Text>
    </>
  );
}
