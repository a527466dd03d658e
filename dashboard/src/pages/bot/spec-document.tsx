import { Textarea } from "@mantine/core";
import { useState } from "react";
import { t } from "~/texts/en";

/** The document as text: folded away, unless something is wrong in it. */
export function SpecDocument(props: {
  text: string;
  onChange: (text: string) => void;
  error: string | undefined;
}) {
  const [open, setOpen] = useState(false);
  return (
    <details
      open={open || props.error !== undefined}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{t.configuration.document}</summary>
      <Textarea
        mt="sm"
        label={t.configuration.document}
        description={t.configuration.documentHint}
        rows={20}
        spellCheck={false}
        classNames={{ input: "mono" }}
        value={props.text}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        error={props.error}
      />
    </details>
  );
}
