import { useBlocker } from "@tanstack/react-router";
import { confirmStore } from "~/stores/confirm";
import { t } from "~/texts/en";
import { pb } from "~/util/path-builder";

/** Ask before a page is left whose typed words would be lost. */
export function useLeaving(dirty: boolean): void {
  useBlocker({
    // Who was logged out is led to the login in any case: here nothing works any more.
    shouldBlockFn: async ({ next }) => dirty && next.pathname !== pb.login() && !(await mayLeave()),
    enableBeforeUnload: dirty,
  });
}

function mayLeave(): Promise<boolean> {
  return new Promise((answer) => {
    confirmStore.ask({
      title: t.configuration.leaveTitle,
      losses: t.configuration.leaveLosses,
      action: t.configuration.leave,
      onYes: async () => answer(true),
    });
    const forget = confirmStore.subscribe(() => {
      if (confirmStore.current() !== null) return;
      forget();
      answer(false); // says nothing when yes was said before
    });
  });
}
