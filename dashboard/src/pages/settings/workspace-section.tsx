import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, fetcher, queryClient } from "~/api/client";
import { Fault, tellDone } from "~/components/fault";
import { useHolds } from "~/components/use-me";
import { useSending } from "~/components/use-sending";
import { t } from "~/texts/en";
import { LoadingRows } from "~/ui/drawn-states";
import { Facts } from "~/ui/facts";
import { Section } from "~/ui/section";
import { day } from "~/util/format";

/** The workspace; who may, gives it another name. */
export function WorkspaceSection() {
  const mayWrite = useHolds("workspace:write");
  const query = api.useQuery("get", "/v1/workspace");
  return (
    <Section title={t.about.workspace}>
      {query.isPending && <LoadingRows label={t.common.loading} rows={2} />}
      {!query.data && query.error !== null && (
        <Fault error={query.error} onRetry={() => query.refetch()} />
      )}
      {query.data && (
        <>
          <Facts
            label={t.about.workspace}
            rows={[
              [t.about.name, query.data.name],
              [t.about.since, day(query.data.created_at)],
            ]}
          />
          {mayWrite && <Rename key={query.data.name} now={query.data.name} />}
        </>
      )}
    </Section>
  );
}

function Rename(props: { now: string }) {
  const [name, setName] = useState(props.now);
  const { busy, fault, send } = useSending();

  async function rename(event: FormEvent): Promise<void> {
    event.preventDefault();
    const done = await send(async () => {
      await fetcher.PATCH("/v1/workspace", { body: { name } });
      await queryClient.invalidateQueries();
    });
    if (done) tellDone(t.about.renamed(name));
  }

  return (
    <form onSubmit={rename}>
      <Group align="flex-end" mt="sm" mb={fault === null ? undefined : "sm"}>
        <TextInput
          label={t.about.newName}
          description={t.about.nameRule}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={busy}>
          {t.about.rename}
        </Button>
      </Group>
      {fault !== null && <Fault error={fault} />}
    </form>
  );
}
