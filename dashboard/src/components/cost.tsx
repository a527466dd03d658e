import { Badge, Group } from "@mantine/core";
import { t } from "~/texts/en";
import { usd } from "~/util/format";

/** What a call cost; an amount that is not known is never shown as zero. */
export function Cost(props: { usd: string; priced: boolean; demo?: boolean }) {
  return (
    <Group gap={6} wrap="nowrap" component="span">
      {props.priced ? (
        <span className="numeric">{usd(props.usd)}</span>
      ) : (
        <Badge color="orange" variant="light" tt="none" c="var(--ink)">
          {t.common.unpriced}
        </Badge>
      )}
      {props.demo && (
        <Badge color="gray" variant="light" tt="none" c="var(--ink)">
          {t.common.demo}
        </Badge>
      )}
    </Group>
  );
}
