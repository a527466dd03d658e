import classes from "~/pages/bot/log-lines.module.css";
import { t } from "~/texts/en";
import { FollowEnd } from "~/ui/follow-end";

/** The lines of a log, the found words marked. Who reads the end is kept at the end. */
export function LogLines(props: { lines: readonly string[]; words: string }) {
  const text = props.lines.join("\n");
  return (
    <FollowEnd label={t.logs.label} className={classes.log}>
      {props.words === "" ? text : marked(text, props.words)}
    </FollowEnd>
  );
}

/** `text` with every occurrence of `words`, whatever their case, in a mark. */
function marked(text: string, words: string) {
  const pieces = text.split(new RegExp(`(${words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})`, "i"));
  // Every other piece is what was split at.
  // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name
  return pieces.map((piece, at) => (at % 2 === 1 ? <mark key={at}>{piece}</mark> : piece));
}
