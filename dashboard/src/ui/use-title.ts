import { useEffect } from "react";

/** Put `title` into the title of the window, before the name that stands there for every page. */
export function useTitle(title: string): void {
  useEffect(() => {
    const whole = document.title;
    document.title = `${title} · ${whole}`;
    return () => {
      document.title = whole;
    };
  }, [title]);
}
