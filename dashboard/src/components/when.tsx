import { Tooltip } from "@mantine/core";
import { ago, moment } from "~/util/format";

/** A moment as people say it; the exact one on hover and for machines. */
export function When(props: { at: string }) {
  return (
    <Tooltip label={moment(props.at)}>
      <time dateTime={props.at}>{ago(props.at)}</time>
    </Tooltip>
  );
}
