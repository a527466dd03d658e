"""``homarus secret``: values that only ever go in."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, say, show_list, show_one
from homarus.errors import Invalid

app = typer.Typer(help="Sealed values for bots and providers.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Capitals, digits and underscores.")]


@app.command("list")
def list_secrets(as_json: AsJson = False) -> None:
    """List secrets by name; values are never shown."""
    with connect() as api:
        secrets = list(api.pages("/v1/secrets"))
    columns = ["name", "version", "updated_at"]
    show_list(secrets, columns, as_json=as_json, empty="No secrets. homarus secret set NAME")


@app.command("set")
def set_secret(
    name: Name,
    env: Annotated[str, typer.Option("--env", help="Take it from this variable.")] = "",
    as_json: AsJson = False,
) -> None:
    """Seal a value, new or next: asked for, or read from standard input or a variable.

    Never an argument: those can be read by every process of the machine.
    """
    value = _value(name, env)
    with connect() as api:
        made = api.put(f"/v1/secrets/{name}", {"value": value})
    say(f"Sealed {name}, version {made['version']}.", as_json=as_json, document=made)


@app.command("get")
def get_secret(name: Name, as_json: AsJson = False) -> None:
    """Show when a secret was set, not its value."""
    with connect() as api:
        found = api.get(f"/v1/secrets/{name}")
    show_one(found, as_json=as_json)


@app.command("delete")
def delete_secret(
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Also while bots use it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a secret for good; refused while bots use it."""
    with connect() as api:
        api.delete(f"/v1/secrets/{name}", force="true" if force else "")
    say(f"Removed {name}.", as_json=as_json, document={"name": name})


@app.command("rotate-master-key")
def rotate_master_key(as_json: AsJson = False) -> None:
    """Replace the key that seals everything; no secret changes."""
    with connect() as api:
        done = api.post("/v1/secrets/rotate-master-key")
    say(
        f"Replaced the master key; {done['data_keys']} workspace keys are sealed anew.",
        as_json=as_json,
        document=done,
    )


def _value(name: str, env: str) -> str:
    if env:
        if env not in os.environ:
            raise Invalid(f"There is no variable {env} in the environment.")
        return os.environ[env]
    if sys.stdin.isatty():
        return str(typer.prompt(f"Value of {name}", hide_input=True))
    return sys.stdin.read().rstrip("\n")
