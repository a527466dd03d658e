"""``homarus audit``: who did what, and the proof that nobody changed it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, say, show_list
from homarus.client.audit_file import CheckedExport, check_export

app = typer.Typer(help="Who did what, chained and verifiable.", no_args_is_help=True)


@app.command("list")
def list_events(
    subject: Annotated[str, typer.Option(help="Only of this id or name.")] = "",
    action: Annotated[str, typer.Option(help="Only this action, such as user.create.")] = "",
    actor: Annotated[str, typer.Option(help="Only what this person did (id or name).")] = "",
    search: Annotated[str, typer.Option(help="A part of subject, name, action or person.")] = "",
    since: Annotated[str, typer.Option(help="Then or later, as 2030-01-31T12:00:00Z.")] = "",
    until: Annotated[str, typer.Option(help="Before then.")] = "",
    most: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List events, newest first."""
    with connect() as api:
        wanted = {"subject": subject, "action": action, "actor": actor, "q": search}
        wanted |= {"since": since, "until": until}
        events = list(api.pages("/v1/audit", most=most, **wanted))
    rows = events if as_json else [{**e, "actor": e["actor"]["name"]} for e in events]
    columns = ["at", "actor", "action", "subject", "detail"]
    show_list(rows, columns, as_json=as_json, empty="Nothing happened yet.")


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="Where to write it; must not exist.")],
    as_json: AsJson = False,
) -> None:
    """Write the whole log as JSON lines, for `homarus audit verify` and for keeping."""
    with connect() as api, file.open("x", encoding="utf-8") as target:
        count = sum(1 for line in api.lines("/v1/audit/export") if target.write(line + "\n"))
    document = {"file": str(file), "events": count - 1}
    say(f"Wrote {count - 1} events to {file}.", as_json=as_json, document=document)


@app.command("verify")
def verify(
    file: Annotated[
        Path | None, typer.Argument(help="An export, checked without a server; absent: the store.")
    ] = None,
    head: Annotated[
        str, typer.Option(help="The last hash as you wrote it down: then a cut shows too.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check every link of the log. Exits with 10 if the log was tampered with."""
    if file is None:
        with connect() as api:
            found = api.get("/v1/audit/verify")
        problem = found["problem"]
        if not problem and head and head != found["last_hash"]:
            problem = "the last hash is not the one given"
        checked = CheckedExport(found["linked"], found["unlinked"], found["last_hash"], problem)
    else:
        with file.open(encoding="utf-8") as lines:
            checked = check_export(_documents(lines), head=head)
    _tell(checked, as_json)
    if checked.problem:
        raise typer.Exit(10)


def _documents(lines: Iterator[str]) -> Iterator[Any]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            yield None


def _tell(checked: CheckedExport, as_json: bool) -> None:
    tail = f"; {checked.unlinked} at the end have no link yet" if checked.unlinked else ""
    good = f"{checked.linked} events hold{tail}.\nLast hash: {checked.last_hash}"
    bad = f"TAMPERED: {checked.problem} ({checked.linked} events before it hold)."
    document = {
        "ok": not checked.problem,
        "linked": checked.linked,
        "unlinked": checked.unlinked,
        "last_hash": checked.last_hash,
        "problem": checked.problem,
    }
    say(bad if checked.problem else good, as_json=as_json, document=document)
