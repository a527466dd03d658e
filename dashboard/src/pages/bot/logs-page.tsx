import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState } from "react";
import { Fault, tellFault } from "~/components/fault";
import { FilterBar } from "~/components/filter-bar";
import { TextLink } from "~/components/links";
import { LogLines } from "~/pages/bot/log-lines";
import { useLog, wholeLog } from "~/pages/bot/use-log";
import { t } from "~/texts/en";
import { EmptyState, LoadingRows } from "~/ui/drawn-states";
import { count } from "~/util/format";
import { saveText } from "~/util/save";

const route = getRouteApi("/app/bots/$bot/logs");

/** What a bot's program prints: followed, searched, taken along as a file. */
export default function LogsPage() {
  const { bot } = route.useParams();
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [follow, setFollow] = useState(true);
  const log = useLog(bot, follow);
  const away = log.data?.away === true;
  const text = log.data?.text ?? "";
  return (
    <Stack gap="md">
      <FilterBar
        filters={[{ key: "q", label: t.logs.search, placeholder: t.logs.searchHint }]}
        values={{ q }}
        change={(part) => navigate({ search: part, replace: true })}
      >
        <Checkbox
          label={t.logs.follow}
          checked={follow}
          onChange={(event) => setFollow(event.currentTarget.checked)}
          my="xs"
        />
        {log.data && !away && <Download bot={bot} />}
      </FilterBar>
      {log.isPending && <LoadingRows label={t.common.loading} />}
      {!log.data && log.error !== null && <Fault error={log.error} onRetry={() => log.refetch()} />}
      {away && (
        <EmptyState
          title={t.logs.awayTitle}
          text={text ? `${t.logs.awayText} ${t.logs.stale}` : t.logs.awayText}
        />
      )}
      {log.data && (text !== "" || !away) && <Found text={text} words={q} />}
    </Stack>
  );
}

/** Every line, also one that has no end yet. */
const linesOf = (text: string): string[] =>
  text === "" ? [] : text.replace(/\n$/, "").split("\n");

function Found(props: { text: string; words: string }) {
  const words = useDeferredValue(props.words);
  const lines = useMemo(() => linesOf(props.text), [props.text]);
  const found = useMemo(() => {
    const sought = words.toLowerCase();
    return sought === "" ? lines : lines.filter((line) => line.toLowerCase().includes(sought));
  }, [lines, words]);
  if (lines.length === 0) return <EmptyState title={t.logs.emptyTitle} text={t.logs.emptyText} />;
  if (found.length === 0)
    return (
      <EmptyState
        title={t.logs.noMatchTitle}
        text={t.logs.noMatchText}
        action={
          <TextLink from="/bots/$bot/logs" to="." search={{}}>
            {t.logs.clear}
          </TextLink>
        }
      />
    );
  return (
    <>
      <LogLines lines={found} words={words} />
      <Group justify="space-between">
        <Text size="sm" className="quiet">
          {t.logs.lead}
        </Text>
        <Text size="sm" className="quiet">
          {words === ""
            ? t.logs.lines(count(lines.length))
            : t.logs.found(count(found.length), count(lines.length))}
        </Text>
      </Group>
    </>
  );
}

function Download({ bot }: { bot: string }) {
  const [busy, setBusy] = useState(false);
  async function download(): Promise<void> {
    setBusy(true);
    try {
      saveText(t.logs.file(bot), await wholeLog(bot));
    } catch (thrown) {
      tellFault(thrown);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Button variant="default" onClick={download} loading={busy}>
      {t.logs.download}
    </Button>
  );
}
