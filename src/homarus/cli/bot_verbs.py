"""``homarus bot start|stop|restart|redeploy|pause|resume``, and ``homarus kill``."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

import typer

from homarus.cli.connect import connect
from homarus.cli.following import follow
from homarus.cli.output import AsJson, say
from homarus.client.api import Api, Document
from homarus.errors import Invalid, Unavailable

VERBS = {
    "start": "Let a bot run; what had failed is forgiven and tried again.",
    "stop": "End a bot's processes; its files stay.",
    "restart": "Give a bot a new process in its present place.",
    "redeploy": "Give a bot a whole new placement with new keys; its files stay.",
    "pause": "Keep a bot up and let it do nothing: no turns, channels, schedule or heartbeat.",
    "resume": "Let a paused bot go on.",
}
KILL_WITHIN_S = 10.0


def add_to(app: typer.Typer) -> None:
    """Add a command per verb."""
    for verb, help_text in VERBS.items():
        app.command(verb, help=help_text)(_command(verb))


def _command(verb: str) -> Callable[..., None]:
    def command(
        name: Annotated[str, typer.Argument(metavar="BOT", help="Its name or id.")],
        no_wait: Annotated[bool, typer.Option("--no-wait", help="Return before it is so.")] = False,
        as_json: AsJson = False,
    ) -> None:
        with connect() as api:
            asked = api.post(f"/v1/bots/{name}/{verb}")
            if not no_wait:
                follow(api, asked["operation_id"], quiet=as_json)
            bot = api.get(f"/v1/bots/{name}")
        say(f"Bot {bot['name']} is {bot['state']}.", as_json=as_json, document=bot)

    return command


def kill(
    bot: Annotated[str, typer.Argument(metavar="BOT", help="Its name or id.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every bot that you may kill.")] = False,
    within: Annotated[float, typer.Option(min=1, help="Seconds to wait for.")] = KILL_WITHIN_S,
    as_json: AsJson = False,
) -> None:
    """Revoke keys at once and stop without grace; prints the seconds that each took."""
    if bool(bot) == every:
        raise Invalid("Name one bot, or say --all.", hint="homarus kill hello")
    began = time.monotonic()
    with connect() as api:
        killed = api.post("/v1/kill" if every else f"/v1/bots/{bot}/kill")
        keys_s = time.monotonic() - began
        late = _still_up(api, killed, began + within)
    done = {
        "bots": [one["name"] for one in killed["bots"]],
        "keys_dead": killed["keys_dead"],
        "keys_seconds": round(keys_s, 2),
        "seconds": round(time.monotonic() - began, 2),
        "still_up": late,
    }
    dead = "are dead" if killed["keys_dead"] else "are revoked; a gateway has not confirmed it yet"
    say(
        f"{len(killed['bots'])} killed: keys {dead} after {done['keys_seconds']} s, "
        f"processes after {done['seconds']} s.",
        as_json=as_json,
        document=done,
    )
    if late:
        raise Unavailable(f"Not stopped within {within:g} s: {', '.join(late)}.")


def _still_up(api: Api, killed: Document, end: float) -> list[str]:
    up = {one["id"]: one["name"] for one in killed["bots"]}
    while up and time.monotonic() < end:
        for bot_id in list(up):
            if api.get(f"/v1/bots/{bot_id}")["state"] == "stopped":
                del up[bot_id]
        if up:
            time.sleep(0.1)
    return sorted(up.values())
