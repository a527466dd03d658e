import { useState } from "react";
import type { BotDetail } from "~/api/__generated__/schema";
import { t } from "~/texts/en";
import { type Document, isDocument, merged, withValue } from "~/util/document";

/** A bot's document under a person's hands, and the bot as it was when they began. */
export interface Edit {
  base: BotDetail;
  spec: Document;
  /** The document as text; while it is no document, `spec` is the last that was. */
  text: string;
  broken: string;
}

/** What a person had typed before they loaded what somebody else had changed. */
export interface Kept {
  base: Document;
  spec: Document;
}

const INDENT = 2;
const written = (spec: Document): string => JSON.stringify(spec, null, INDENT);

function begun(base: BotDetail, spec: Document = base.spec): Edit {
  return { base, spec, text: written(spec), broken: "" };
}

const differs = (edit: Edit): boolean =>
  edit.broken !== "" || edit.text !== written(edit.base.spec);

/**
 * The one draft of a bot's document, whether its fields or its text are typed in.
 * Until something is, it is the bot as it is now; from then on the bot as it was.
 */
export function useEdit(live: BotDetail) {
  const [edit, setEdit] = useState<Edit | null>(null);
  const [kept, setKept] = useState<Kept | null>(null);
  const now = edit ?? begun(live);
  // What is typed back to what it was is no draft: the fields follow the bot again.
  const take = (next: Edit) => setEdit(differs(next) ? next : null);
  return {
    ...now,
    dirty: edit !== null && differs(edit),
    kept,
    put: (path: string, value: unknown) => take(begun(now.base, withValue(now.spec, path, value))),
    write: (text: string) => take({ ...now, text, ...read(text, now.spec) }),
    discard: () => {
      setEdit(null);
      setKept(null);
    },
    /** Go on from what the bot is now; what was typed is kept to look at. */
    load: (theirs: BotDetail) => {
      setKept({ base: now.base.spec, spec: now.spec });
      setEdit(begun(theirs));
    },
    again: () => {
      if (kept) setEdit(begun(now.base, merged(kept.base, kept.spec, now.spec)));
      setKept(null);
    },
    forget: () => {
      setKept(null);
      take(now);
    },
  };
}

function read(text: string, before: Document): Pick<Edit, "spec" | "broken"> {
  try {
    const spec: unknown = JSON.parse(text);
    if (isDocument(spec)) return { spec, broken: "" };
    return { spec: before, broken: t.configuration.notObject };
  } catch (thrown) {
    return { spec: before, broken: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
