import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { t } from "~/texts/en";
import { Copyable } from "~/ui/copyable";

export interface Once {
  title: string;
  text: string;
  value: string;
}

/** A value that nothing can show again. Only pressing the button puts it away. */
export function ShownOnce(props: { once: Once; onClose: () => void }) {
  const { once } = props;
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={once.title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack>
        <Text size="sm">{once.text}</Text>
        <Copyable value={once.value} copy={t.common.copy} copied={t.common.copied} />
        <Group justify="flex-end">
          <Button onClick={props.onClose}>{t.common.done}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
