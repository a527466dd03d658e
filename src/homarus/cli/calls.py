"""``homarus calls``: every model call with its tokens, cost and trace id."""

from __future__ import annotations

import json
import time
from typing import Annotated, Any

import typer

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, out, show_list
from homarus.client.api import Api
from homarus.kit.money import from_usd, show_usd

_COLUMNS = ["started_at", "bot", "model", "state", "input", "output", "cost", "trace_id"]
_DAY_COLUMNS = [
    "day", "calls", "failed", "input_tokens", "output_tokens", "cost_usd", "unpriced_calls",
]  # fmt: skip
_LOOK_EVERY_S = 1.0


def calls(
    bot: Annotated[str, typer.Option(help="Only this bot's (name or id).")] = "",
    last: Annotated[int, typer.Option(min=1, max=200, help="How many, newest first.")] = 20,
    route: Annotated[str, typer.Option(help="Only calls of this model name.")] = "",
    trend: Annotated[
        int, typer.Option(min=0, max=90, metavar="DAYS", help="Instead: sums of so many days.")
    ] = 0,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they come.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show model calls: who, which model, tokens, cost, trace id."""
    with connect() as api:
        if trend:
            days = api.get("/v1/calls/trend", days=trend)["days"]
            show_list(days, _DAY_COLUMNS, as_json=as_json, empty="")
            return
        bots = {row["id"]: row["name"] for row in api.pages("/v1/bots")}
        wanted = {"bot": next((id_ for id_, name in bots.items() if name == bot), bot)}
        wanted["route"] = route
        found = _newest(api, wanted, last)
        if follow:
            _follow(api, wanted, found, bots, as_json=as_json)
            return
    rows = found if as_json else [_row(call, bots) for call in found]
    show_list(rows, _COLUMNS, as_json=as_json, empty="No calls yet. homarus bot chat NAME")


def _follow(
    api: Api,
    wanted: dict[str, str],
    found: list[dict[str, Any]],
    bots: dict[str, str],
    *,
    as_json: bool,
) -> None:
    """Print calls as they end, one line each, until interrupted."""
    shown: set[str] = set()
    while True:
        for call in reversed(found):
            if call["state"] != "open" and call["id"] not in shown:
                shown.add(call["id"])
                row = _row(call, bots)
                line = json.dumps(call) if as_json else "  ".join(str(row[c]) for c in _COLUMNS)
                out().print(line, markup=False)
        time.sleep(_LOOK_EVERY_S)
        found = _newest(api, wanted, 200)


def _newest(api: Api, wanted: dict[str, str], count: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get("/v1/calls", limit=count, **wanted)["items"]
    return items


def _row(call: dict[str, Any], bots: dict[str, str]) -> dict[str, Any]:
    cost = show_usd(from_usd(call["cost_usd"])) if call["priced"] else "unpriced"
    read = call["input_tokens"] + call["cached_read_tokens"] + call["cache_write_tokens"]
    return {
        **call,
        "bot": bots.get(call["bot_id"], call["bot_id"]),
        "model": call["model"] + (" (demo)" if call["demo"] else ""),
        "input": read,
        "output": call["output_tokens"],
        "cost": cost + (" at most" if call["state"] == "interrupted" else ""),
    }
