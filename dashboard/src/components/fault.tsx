import { notifications } from "@mantine/notifications";
import { asFault, BROKEN, NO_ANSWER } from "~/api/faults";
import { t } from "~/texts/en";
import { ErrorState, type Trouble } from "~/ui/drawn-states";

/** A fault in words. The one place where the server's answers become sentences. */
function troubleOf(thrown: unknown): Trouble {
  const fault = asFault(thrown);
  const words = {
    title: fault.message,
    text: fault.detail,
    hint: fault.hint,
    issues: fault.issues,
    requestId: fault.requestId ? t.common.requestId(fault.requestId) : "",
  };
  if (fault.status === BROKEN)
    return { ...words, title: t.common.pageBrokenTitle, text: t.common.pageBroken };
  if (fault.status === NO_ANSWER)
    return {
      ...words,
      title: t.common.noAnswerTitle,
      text: t.common.noAnswer,
      hint: t.common.noAnswerHint,
    };
  if (fault.status === 403) return { ...words, title: t.common.forbiddenTitle };
  if (fault.status === 429) return { ...words, title: t.common.busyTitle };
  if (fault.status >= 500 && !fault.message)
    return { ...words, title: t.common.brokenTitle, hint: t.common.brokenHint };
  return { ...words, title: words.title || t.common.brokenTitle };
}

/**
 * The drawn error state of a page or a part of it; `lead` says first what it means for that.
 * What broke in the console itself breaks again when asked again: only a page loaded anew helps.
 */
export function Fault(props: { error: unknown; lead?: string; onRetry?: () => void }) {
  const broken = asFault(props.error).status === BROKEN;
  return (
    <ErrorState
      trouble={troubleOf(props.error)}
      lead={props.lead}
      retryLabel={broken ? t.common.reload : t.common.retry}
      onRetry={broken ? () => window.location.reload() : props.onRetry}
    />
  );
}

/** A fault in one line, where there are many of them. */
export function faultWords(thrown: unknown): string {
  const { title, text, requestId } = troubleOf(thrown);
  return [title, text, requestId].filter(Boolean).join(" ");
}

/** Tell a fault of something a person did, where no form is there to show it. */
export function tellFault(thrown: unknown): void {
  const { title, text, hint, requestId } = troubleOf(thrown);
  notifications.show({
    color: "red",
    title,
    message: [text, hint, requestId].filter(Boolean).join(" "),
    autoClose: 12_000,
    closeButtonProps: { "aria-label": t.common.close },
  });
}

/** Tell that something a person did was done. */
export function tellDone(message: string): void {
  notifications.show({
    color: "green",
    message,
    closeButtonProps: { "aria-label": t.common.close },
  });
}
