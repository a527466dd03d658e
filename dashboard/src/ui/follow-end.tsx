import { type ReactNode, useEffect, useRef } from "react";

/** How near to the end counts as being there. */
const NEAR_PX = 24;

/**
 * What scrolls in itself and opens at its end. Who reads the end is kept there while it grows;
 * who scrolled up stays, until `again` changes.
 */
export function FollowEnd(props: {
  label: string;
  className?: string | undefined;
  again?: number;
  children: ReactNode;
}) {
  const place = useRef<HTMLElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` asks for the end
  useEffect(() => {
    const box = place.current;
    if (!box || !inside.current) return;
    atEnd.current = true;
    const grown = new ResizeObserver(() => {
      if (atEnd.current) box.scrollTop = box.scrollHeight;
    });
    grown.observe(box);
    grown.observe(inside.current);
    return () => grown.disconnect();
  }, [props.again]);

  function onScroll(): void {
    if (!place.current) return;
    const { scrollHeight, scrollTop, clientHeight } = place.current;
    // Growth alone leaves the end behind, too; only a person goes up from it.
    if (scrollHeight - scrollTop - clientHeight < NEAR_PX) atEnd.current = true;
    else if (scrollTop < last.current) atEnd.current = false;
    last.current = scrollTop;
  }

  return (
    <section
      ref={place}
      className={props.className}
      onScroll={onScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={props.label}
    >
      <div ref={inside}>{props.children}</div>
    </section>
  );
}
