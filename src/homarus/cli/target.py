"""``homarus target`` and ``homarus runtime``: what bots can be made of here."""

from __future__ import annotations

from typing import Any

import typer

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, show_list

targets = typer.Typer(help="Where bots run.", no_args_is_help=True)
runtimes = typer.Typer(help="What bots run.", no_args_is_help=True)


@targets.command("list")
def list_targets(as_json: AsJson = False) -> None:
    """List targets with the memory that is still free, and how bots are kept apart there."""
    with connect() as api:
        found: Any = api.get("/v1/targets")
    shown = [{**one, "isolation": [_isolation(i) for i in one["isolations"]]} for one in found]
    columns = ["name", "memory_mb", "promised_mb", "free_mb", "isolation"]
    show_list(found if as_json else shown, columns, as_json=as_json, empty="No targets.")


@runtimes.command("list")
def list_runtimes(as_json: AsJson = False) -> None:
    """List runtimes with the memory that a bot of each needs at least."""
    with connect() as api:
        found: Any = api.get("/v1/runtimes")
    columns = ["name", "version", "least_memory_mb", "formats", "description"]
    show_list(found, columns, as_json=as_json, empty="No runtimes.")


def _isolation(one: dict[str, Any]) -> str:
    return str(one["kind"]) if one["available"] else f"no {one['kind']}: {one['problem']}"
