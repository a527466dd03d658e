"""What ``homarus doctor`` shows: every finding, and how to mend it."""

from __future__ import annotations

from rich.markup import escape

from homarus.cli.output import out, show_json
from homarus.client.api import Api, Document
from homarus.errors import Forbidden, Setup

_MARKS = {"ok": "[green]✓[/green]", "warn": "[yellow]![/yellow]", "fail": "[red]✗[/red]"}


def examine(api: Api) -> Document:
    """Have a Homarus that runs examine itself.

    Raises:
        Forbidden: the token lacks a scope, which the message names.
    """
    try:
        return api.post("/v1/doctor")
    except Forbidden as fault:
        raise Forbidden(
            f"The doctor tries every part, providers with their keys included. {fault.message}",
            hint="docs/reference/roles.md says which roles have that scope; an owner grants them.",
        ) from fault


def show(examined: Document, *, as_json: bool) -> None:
    """Print every finding.

    Raises:
        Setup: one of them is broken; its exit code tells programs so.
    """
    if as_json:
        show_json(examined)
    else:
        for finding in examined["findings"]:
            mark = _MARKS[finding["health"]]
            out().print(f"{mark} {escape(finding['check'])}: {escape(finding['message'])}")
            if finding["hint"] and finding["health"] != "ok":
                out().print(f"    [dim]{escape(finding['hint'])}[/dim]")
    if not examined["well"]:
        broken = [f["check"] for f in examined["findings"] if f["health"] == "fail"]
        raise Setup(f"Not well: {', '.join(broken)}.", hint="Each line above says how to mend it.")
