import type { MeView, RuntimeView, TargetView } from "~/api/__generated__/schema";
import { api } from "~/api/client";
import { holds } from "~/api/session";
import { useMe } from "~/components/use-me";
import type { Draft } from "~/pages/wizard/draft";
import { t } from "~/texts/en";
import type { Choice } from "~/ui/choices";
import { count } from "~/util/format";

const LOCAL = "local";
const USUAL_RUNTIME = "openclaw";
/** The runtime that only tries things out; it is content with the least memory. */
const FOR_TESTS = "echo";
const USUAL_FLEET = "default";
const WHOLE = /^[1-9]\d*$/;

/** What this installation can carry, and what of it the draft means. */
export function usePlaces(draft: Draft) {
  const me = useMe();
  const targets = api.useQuery("get", "/v1/targets", {}, { staleTime: 0 });
  const runtimes = api.useQuery("get", "/v1/runtimes");
  const target = chosen(targets.data, draft.target, LOCAL);
  const runtime = chosen(runtimes.data, draft.runtime, USUAL_RUNTIME);
  const isolation = draft.isolation ?? "sandbox";
  const least = runtime?.least_memory_mb ?? 0;
  const usual = runtime?.name === FOR_TESTS ? least : (runtime?.memory_mb ?? 0);
  const memory = draft.memory ?? String(usual);
  const fleets = fleetsOf(me);
  return {
    target,
    runtime,
    isolation,
    isolationOk: target?.isolations.some((one) => one.kind === isolation && one.available) ?? false,
    least,
    memory,
    memoryOk: WHOLE.test(memory) && Number(memory) >= least,
    fleet: draft.fleet ?? fleets[0] ?? USUAL_FLEET,
    fleets: fleets.map((name) => ({ value: name, label: name })),
    targets: (targets.data ?? []).map(targetChoice),
    runtimes: (runtimes.data ?? []).map(runtimeChoice).toSorted(testsLast),
    isolations: isolationChoices(me, target),
    isPending: targets.isPending || runtimes.isPending,
    isLoaded: target !== undefined && runtime !== undefined,
    error: targets.error ?? runtimes.error,
    refetch: () => Promise.all([targets.refetch(), runtimes.refetch()]),
  };
}

function chosen<One extends { name: string }>(
  from: readonly One[] | undefined,
  wanted: string | null,
  usual: string,
): One | undefined {
  return from?.find((one) => one.name === (wanted ?? usual)) ?? from?.[0];
}

/** The fleets where this person may make bots: any, or those of their grants. */
function fleetsOf(me: MeView): string[] {
  if (holds(me, "bot:write", USUAL_FLEET)) return [USUAL_FLEET];
  const held = me.held.filter((one) => one.scopes.includes("bot:write"));
  return held.flatMap((one) => one.fleet ?? []).sort();
}

function targetChoice({ name, free_mb, memory_mb, promised_mb }: TargetView): Choice {
  const note =
    memory_mb === null || free_mb === null
      ? t.wizard.place.memoryItsOwn
      : t.wizard.place.memory(count(free_mb), count(memory_mb), count(promised_mb));
  return { value: name, label: name === LOCAL ? t.wizard.place.local : name, note };
}

function runtimeChoice({ name, version, description }: RuntimeView): Choice {
  return {
    value: name,
    label: t.wizard.place.runtimeName(name),
    mark: name === FOR_TESTS ? t.wizard.place.forTests : version,
    note: description,
  };
}

const testsLast = (a: Choice, b: Choice): number =>
  Number(a.value === FOR_TESTS) - Number(b.value === FOR_TESTS);

/** Without a sandbox only for who may do that; what is missing says why and how to mend it. */
function isolationChoices(me: MeView, target: TargetView | undefined): Choice[] {
  return (target?.isolations ?? [])
    .filter((one) => one.kind === "sandbox" || holds(me, "bot:unsandbox"))
    .map(({ kind, available, problem }) => ({
      value: kind,
      label: t.wizard.place.isolations[kind].label,
      note: available ? t.wizard.place.isolations[kind].note : problem,
      disabled: !available,
    }));
}
