import { useState } from "react";
import { queryClient } from "~/api/client";
import { asFault } from "~/api/faults";
import { meQuery } from "~/api/session";

/** One request of a form at a time: whether it is under way, and the fault for the form to show. */
export function useSending() {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);

  /** Whether it went well; otherwise `fault` is set. */
  async function send(ask: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    setFault(null);
    try {
      await ask();
      return true;
    } catch (thrown) {
      setFault(thrown);
      // The session is over: asking who we are leads to the login page and back here.
      if (asFault(thrown).status === 401) void queryClient.invalidateQueries(meQuery());
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { busy, fault, send };
}
