import type { RevisionView } from "~/api/__generated__/schema";
import { TextLink } from "~/components/links";
import { Person } from "~/components/person";
import { When } from "~/components/when";
import type { Column } from "~/table/query-table";
import { t } from "~/texts/en";
import { documentLines, fieldName } from "~/util/plan";

/** The columns of the list of revisions; the number shows what that revision changed. */
export function revisionColumns(
  known: readonly RevisionView[],
  current: number | undefined,
): readonly Column<RevisionView>[] {
  const documents = new Map(known.map((one) => [one.id, one.document]));
  return [
    {
      key: "number",
      header: t.revisions.number,
      width: "5rem",
      cell: (one) => (
        <>
          <TextLink
            from="/bots/$bot/revisions"
            to="."
            search={{ from: Math.max(one.number - 1, 1), to: one.number }}
            resetScroll={false}
            aria-label={t.revisions.show(one.number)}
          >
            {one.number}
          </TextLink>
          {one.number === current && <span className="quiet">{` ${t.revisions.current}`}</span>}
        </>
      ),
    },
    {
      key: "when",
      header: t.revisions.when,
      width: "6.5rem",
      cell: (one) => <When at={one.created_at} />,
    },
    {
      key: "who",
      header: t.revisions.who,
      width: "1fr",
      cell: (one) => <Person id={one.created_by} />,
      wideOnly: true,
    },
    {
      key: "what",
      header: t.revisions.what,
      width: "3fr",
      cell: (one) => changed(one, documents),
    },
  ];
}

/** What a revision changed, in names; nothing while the one before is not read yet. */
function changed(one: RevisionView, documents: Map<string, RevisionView["document"]>): string {
  if (one.parent_id === null) return t.revisions.first;
  const before = documents.get(one.parent_id);
  if (!before) return "";
  const names = documentLines(before, one.document).map(({ path }) => fieldName(path) ?? path);
  return names.join(", ");
}
