import { Button } from "@mantine/core";
import { useState } from "react";
import { fetcher } from "~/api/client";
import { tellFault } from "~/components/fault";
import { t } from "~/texts/en";
import { saveText } from "~/util/save";

/** Read as any other answer: a refusal must not be saved as if it were the log. */
export function Export() {
  const [busy, setBusy] = useState(false);
  async function save(): Promise<void> {
    setBusy(true);
    try {
      const { data } = await fetcher.GET("/v1/audit/export", { parseAs: "text" });
      saveText("audit.jsonl", data ?? "");
    } catch (thrown) {
      tellFault(thrown);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Button variant="default" loading={busy} onClick={save}>
      {t.audit.export}
    </Button>
  );
}
