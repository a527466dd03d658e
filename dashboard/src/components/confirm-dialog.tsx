import { Button, Group, List, Modal, Stack, TextInput } from "@mantine/core";
import { useEffect, useState, useSyncExternalStore } from "react";
import { Fault } from "~/components/fault";
import { confirmStore } from "~/stores/confirm";
import { t } from "~/texts/en";

/** Shows the question of the confirm store; the only dialog before something destructive. */
export function ConfirmDialog() {
  const question = useSyncExternalStore(confirmStore.subscribe, confirmStore.current);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new question starts afresh
  useEffect(() => {
    setTyped("");
    setFault(null);
  }, [question]);
  if (!question) return null;

  async function yes(): Promise<void> {
    setBusy(true);
    setFault(null);
    try {
      await question?.onYes();
      confirmStore.close();
    } catch (thrown) {
      setFault(thrown);
    } finally {
      setBusy(false);
    }
  }

  const mayGo = !question.word || typed === question.word;
  return (
    <Modal
      opened
      onClose={confirmStore.close}
      title={question.title}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      <Stack>
        <List size="sm">
          {question.losses.map((loss) => (
            <List.Item key={loss}>{loss}</List.Item>
          ))}
        </List>
        {question.word && (
          <TextInput
            label={t.common.needsWord(question.word)}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
        )}
        {fault !== null && <Fault error={fault} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={confirmStore.close}>
            {t.common.cancel}
          </Button>
          <Button onClick={yes} loading={busy} disabled={!mayGo}>
            {question.action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
