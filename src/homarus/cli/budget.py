"""``homarus budget``: what bots and the workspace may spend, and what they did."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, say, show_list
from homarus.kit.money import from_usd, show_usd

app = typer.Typer(help="What may be spent on models.", no_args_is_help=True)


@app.command("list")
def list_budgets(as_json: AsJson = False) -> None:
    """List every budget with what was spent of it in its current window."""
    with connect() as api:
        budgets = list(api.pages("/v1/budgets"))
    columns = ["budget", "limit", "period", "spent", "set_aside"]
    rows = budgets if as_json else [_row(budget) for budget in budgets]
    empty = "No budgets: the workspace has no limit. homarus budget set LIMIT"
    show_list(rows, columns, as_json=as_json, empty=empty)


@app.command("set")
def set_budget(
    limit: Annotated[str, typer.Argument(metavar="LIMIT", help="US dollars, such as 2.50.")],
    period: Annotated[str, typer.Option(help="day, month or total.")] = "day",
    as_json: AsJson = False,
) -> None:
    """Set what the whole workspace may spend; a bot's own budget is in its spec."""
    with connect() as api:
        made = api.put("/v1/budgets/workspace", {"limit_usd": limit, "period": period})
    shown = _row(made)
    span = "in all" if period == "total" else f"a {period}"
    words = f"The workspace may spend {shown['limit']} {span}; {shown['spent']} is spent."
    say(words, as_json=as_json, document=made)


def _row(budget: dict[str, Any]) -> dict[str, Any]:
    return {
        "budget": budget["label"],
        "limit": show_usd(from_usd(budget["limit_usd"])),
        "period": budget["period"],
        "spent": show_usd(from_usd(budget["spent_usd"])),
        "set_aside": show_usd(from_usd(budget["set_aside_usd"])),
    }
