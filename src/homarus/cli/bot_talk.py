"""``homarus bot chat`` and ``homarus bot logs``."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, err, show_json
from homarus.client.api import Api, Document
from homarus.errors import Conflict

BotName = Annotated[str, typer.Argument(metavar="BOT", help="Its name or id.")]


def add_to(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("chat")(chat)
    app.command("logs")(logs)


def chat(
    bot: BotName,
    text: Annotated[str, typer.Argument(help="What to tell it; absent: a conversation.")] = "",
    timeout: Annotated[int, typer.Option(min=5, max=3600, help="Seconds to answer in.")] = 300,
    as_json: AsJson = False,
) -> None:
    """Talk to a bot; the answer appears as it is written."""
    with connect() as api:
        if text:
            show_turn(api, say_to(api, bot, text, timeout, quiet=as_json), as_json=as_json)
            return
        while line := _ask():
            show_turn(api, say_to(api, bot, line, timeout, quiet=False), as_json=False)


def say_to(api: Api, bot: str, text: str, timeout_s: int, *, quiet: bool) -> Document:
    """Send a message, write the answer to standard output as it comes, and return the turn.

    Raises:
        Conflict: the bot takes no messages now, or its turn ended without an answer.
    """
    turn = api.post(f"/v1/bots/{bot}/turns", {"text": text, "timeout_s": timeout_s})
    for event in api.events(f"/v1/turns/{turn['id']}/stream"):
        if event.kind == "end":
            turn = event.data
        elif not quiet:
            sys.stdout.write(event.data["text"])
            sys.stdout.flush()
    if turn["state"] != "done":
        raise Conflict(
            f"The turn ended {turn['state']}: {turn['error'] or 'no reason was given'}",
            hint=f"homarus bot logs {bot}",
        )
    return turn


def show_turn(api: Api, turn: Document, *, as_json: bool) -> None:
    """End the answer's line, and say on standard error what it cost."""
    if as_json:
        show_json(turn)
        return
    sys.stdout.write("\n")
    tokens = sum(turn["usage"].values()) if turn["usage"] else 0
    err().print(f"[dim]{tokens} tokens, trace {turn['trace_id']}[/dim]")


def logs(
    bot: BotName,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as it grows.")] = False,
    most: Annotated[
        int, typer.Option("--bytes", min=1, max=262_144, help="Most to show.")
    ] = 65_536,
    as_json: AsJson = False,
) -> None:
    """Show the end of a bot's own log."""
    with connect() as api:
        piece = api.get(f"/v1/bots/{bot}/logs", limit=most)
        if as_json:
            show_json(piece)
            return
        sys.stdout.write(piece["text"])
        while follow:
            time.sleep(1)
            piece = api.get(f"/v1/bots/{bot}/logs", limit=most, cursor=piece["cursor"])
            sys.stdout.write(piece["text"])
            sys.stdout.flush()


def _ask() -> str:
    try:
        return input("> ").strip()
    except EOFError:
        return ""
