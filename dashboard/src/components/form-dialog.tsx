import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type FormEvent, type ReactNode, useId } from "react";
import { Fault } from "~/components/fault";
import { useSending } from "~/components/use-sending";
import { t } from "~/texts/en";

/** A form in a dialog: it stays, with what was typed, until the server has taken it. */
export function FormDialog(props: {
  title: string;
  submit: string;
  /**
   * Its promise is awaited; a fault is shown in the dialog. Closes nothing by itself.
   * `how` is the value of the button that was pressed.
   */
  onSubmit: (how: string) => Promise<unknown>;
  onClose: () => void;
  /** Why it cannot be sent as it is. */
  refusal?: string | undefined;
  children: ReactNode;
  /** Another button; after the first, which is the one that the Enter key presses. */
  more?: ReactNode;
}) {
  const { busy, fault, send } = useSending();
  const why = useId();
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    const how = submitter instanceof HTMLButtonElement ? submitter.value : "";
    void send(() => props.onSubmit(how));
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ "aria-label": t.common.close }}
    >
      <form onSubmit={submit}>
        <Stack>
          {props.children}
          {fault !== null && <Fault error={fault} />}
          {props.refusal && (
            <Text size="sm" id={why} className="quiet">
              {props.refusal}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              {t.common.cancel}
            </Button>
            <Button
              type="submit"
              loading={busy}
              disabled={props.refusal !== undefined}
              aria-describedby={props.refusal && why}
            >
              {props.submit}
            </Button>
            {props.more}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
