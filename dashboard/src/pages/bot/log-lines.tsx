import { useLayoutEffect, useRef } from "react";
import classes from "~/pages/bot/log-lines.module.css";
import { t } from "~/texts/en";

/** How near to the end counts as being there. */
const NEAR_PX = 24;

/** The lines of a log, the found words marked. Who reads the end is kept at the end. */
export function LogLines(props: { lines: readonly string[]; words: string }) {
  const place = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what moves the end
  useLayoutEffect(() => {
    if (place.current && atEnd.current) place.current.scrollTop = place.current.scrollHeight;
  }, [props.lines]);

  function onScroll(): void {
    if (!place.current) return;
    const { scrollHeight, scrollTop, clientHeight } = place.current;
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  return (
    <section
      ref={place}
      className={classes.log}
      onScroll={onScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={t.logs.label}
    >
      {props.words === "" ? props.lines.join("\n") : marked(props.lines.join("\n"), props.words)}
    </section>
  );
}

/** `text` with every occurrence of `words`, whatever their case, in a mark. */
function marked(text: string, words: string) {
  const pieces = text.split(new RegExp(`(${words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})`, "i"));
  // Every other piece is what was split at.
  // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name
  return pieces.map((piece, at) => (at % 2 === 1 ? <mark key={at}>{piece}</mark> : piece));
}
