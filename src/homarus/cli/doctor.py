"""``homarus doctor``: what is not well, and how to mend it."""

from __future__ import annotations

from rich.markup import escape

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, out, show_json
from homarus.errors import Setup

_MARKS = {"ok": "[green]✓[/green]", "warn": "[yellow]![/yellow]", "fail": "[red]✗[/red]"}


def doctor(as_json: AsJson = False) -> None:
    """Check machine, store, gateway, providers and bots; exit code 20 if something is broken."""
    with connect() as api:
        examined = api.post("/v1/doctor")
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
