"""What commands print: tables and lines for people, JSON for programs, errors for both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from homarus.errors import HomarusError, ManifestInvalid

_PIPE = 10_000
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def out() -> Console:
    """Where results go."""
    # Into a pipe nothing is cut or folded: a script may look for an id in it.
    width = None if sys.stdout.isatty() else _PIPE
    return Console(file=sys.stdout, highlight=False, soft_wrap=True, width=width)


def err() -> Console:
    """Where errors and progress go."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


def show_json(document: Any) -> None:
    """Print ``document`` as indented JSON."""
    print(json.dumps(document, indent=2, ensure_ascii=False))  # noqa: T201 - a program reads it


def show_list(
    items: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str
) -> None:
    """Print a list: a table of ``columns`` (keys of the items), or all of it as JSON.

    ``empty`` tells people what to do when there is nothing to show.
    """
    rows = list(items)
    if as_json:
        show_json(rows)
        return
    if not rows:
        out().print(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " ").upper(), overflow="fold")
    for row in rows:
        table.add_row(*(escape(words(row.get(column))) for column in columns))
    out().print(table)


def show_one(item: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: a line per field, or JSON."""
    if as_json:
        show_json(item)
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for key, value in item.items():
        table.add_row(f"[bold]{key.replace('_', ' ')}[/bold]", escape(words(value)))
    out().print(table)


def say(text: str, *, as_json: bool = False, document: Any = None) -> None:
    """Print a line for people, or ``document`` for programs."""
    if as_json:
        show_json(document if document is not None else {})
    else:
        out().print(escape(text))


def words(value: Any) -> str:
    """Return a value as people read it."""
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{k}={words(v)}" for k, v in value.items()) or "-"
        case list() | tuple():
            return ", ".join(words(one) for one in value) or "-"
        case str() if _is_moment(value):
            moment = datetime.fromisoformat(value).astimezone(UTC)
            return f"{moment:%Y-%m-%d %H:%M:%S}Z"
        case _:
            return str(value)


def show_error(fault: HomarusError, *, as_json: bool = False) -> None:
    """Print an error to the error stream: what, where, and how to mend it."""
    if as_json:
        show_error_document(
            fault.code, fault.message, fault.exit_code, hint=fault.hint, **fault.extras()
        )
        return
    console = err()
    console.print(f"[red bold]error:[/red bold] {escape(fault.message)}")
    if isinstance(fault, ManifestInvalid):
        for issue in fault.issues:
            line = f"{issue.path}: {issue.message}" if issue.path else issue.message
            if line not in fault.message:
                console.print(f"  {escape(line)}")
            if issue.hint:
                console.print(f"    {escape(issue.hint)}")
    if fault.hint and not isinstance(fault, ManifestInvalid):
        console.print(f"[yellow bold]hint:[/yellow bold] {escape(fault.hint)}")


def show_error_document(
    code: str, message: str, exit_code: int, *, hint: str = "", **more: object
) -> None:
    """Print an error for programs; the standard output stays what the command printed."""
    document = {"code": code, "detail": message, "hint": hint, "exit_code": exit_code, **more}
    print(json.dumps(document, indent=2, ensure_ascii=False), file=sys.stderr)  # noqa: T201


def _is_moment(value: str) -> bool:
    if len(value) < 19 or value[4:5] != "-" or value[10:11] != "T":
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
