import { useRef } from "react";
import { newKey } from "~/util/key";

/**
 * A key for each thing that is asked for, as a header of its request. Who asks for the same again,
 * because no answer came, does so with the same key: nothing is made twice. After `done` the same
 * is asked for anew.
 */
export function useOnce() {
  const last = useRef({ said: "", key: "" });

  function once(body: unknown) {
    const said = JSON.stringify(body);
    if (said !== last.current.said) last.current = { said, key: newKey() };
    return { "Idempotency-Key": last.current.key };
  }

  function done(): void {
    last.current = { said: "", key: "" };
  }

  return { once, done };
}
