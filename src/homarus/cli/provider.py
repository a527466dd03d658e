"""``homarus provider``: where models are served, and the names that bots know them by."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, out, say, show_json, show_list, show_one
from homarus.errors import Conflict, Invalid

app = typer.Typer(help="Model providers and the routes to them.", no_args_is_help=True)

Provider = Annotated[str, typer.Argument(help="Name or id of the provider.")]


@app.command("add")
def add_provider(
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="openai, anthropic or demo.")],
    key_env: Annotated[str, typer.Option(help="Take its key from this variable.")] = "",
    no_key: Annotated[bool, typer.Option("--no-key", help="It needs none.")] = False,
    name: Annotated[str, typer.Option(help="Its name here; absent: the type.")] = "",
    base_url: Annotated[str, typer.Option(help="Absent: where this type listens.")] = "",
    as_json: AsJson = False,
) -> None:
    """Add a provider and ask it whether it takes the key.

    The key comes from a variable, the terminal or standard input, never from an argument:
    those can be read by every process of the machine.
    """
    key = "" if no_key else _key(key_env)
    document = {"name": name or type_, "type": type_, "base_url": base_url, "key": key}
    with connect() as api:
        made = api.post("/v1/providers", document)
        verdict = api.post(f"/v1/providers/{made['id']}/check")
    if as_json:
        show_json({**made, "check": verdict})
    else:
        out().print(f"Added {made['name']}. {verdict['message']}", markup=False)
        hint = verdict["hint"] or (
            f"Give one of its {len(verdict['models'])} models a name that bots use: "
            f"homarus provider route NAME --provider {made['name']} --model MODEL"
        )
        out().print(hint, markup=False)


@app.command("discover")
def discover_providers(as_json: AsJson = False) -> None:
    """Look on this machine for Ollama, LM Studio, vLLM and llama.cpp on their usual ports."""
    with connect() as api:
        found: Any = api.post("/v1/providers/discover")
    columns = ["name", "base_url", "models"]
    empty = "No model server answers on the usual ports of this machine."
    show_list(found, columns, as_json=as_json, empty=empty)
    if found and not as_json:
        first = found[0]
        words = f"homarus provider add {first['type']} --name {first['kind']} --no-key"
        out().print(f"Use it: {words} --base-url {first['base_url']}", markup=False)


@app.command("list")
def list_providers(as_json: AsJson = False) -> None:
    """List providers; keys are never shown."""
    with connect() as api:
        providers = list(api.pages("/v1/providers"))
    columns = ["name", "type", "base_url", "has_key", "demo", "id"]
    show_list(providers, columns, as_json=as_json, empty="No providers. homarus provider add TYPE")


@app.command("get")
def get_provider(provider: Provider, as_json: AsJson = False) -> None:
    """Show a provider."""
    with connect() as api:
        found = api.get(f"/v1/providers/{provider}")
    show_one(found, as_json=as_json)


@app.command("set")
def set_provider(
    provider: Provider,
    base_url: Annotated[str, typer.Option(help="Absent: as it is.")] = "",
    key_env: Annotated[
        str, typer.Option(help="Take a new key from this variable; absent: as it is.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Change where a provider listens, or its key, and ask it whether it takes the key."""
    document = {"base_url": base_url} if base_url else {}
    if key_env:
        document["key"] = _key(key_env)
    if not document:
        raise Invalid("There is nothing to change.", hint="Give --base-url or --key-env.")
    with connect() as api:
        changed = api.patch(f"/v1/providers/{provider}", document)
        verdict = api.post(f"/v1/providers/{provider}/check")
    shown = {**changed, "check": verdict}
    say(f"Changed {changed['name']}. {verdict['message']}", as_json=as_json, document=shown)
    if verdict["hint"] and not as_json:
        out().print(verdict["hint"], markup=False)


@app.command("check")
def check_provider(provider: Provider, as_json: AsJson = False) -> None:
    """Ask the provider, live, whether it takes our key; exit code 5 if it does not."""
    with connect() as api:
        verdict = api.post(f"/v1/providers/{provider}/check")
    say(verdict["message"], as_json=as_json, document=verdict)
    if not verdict["ok"]:
        raise Conflict(f"The provider {provider} cannot be used now.", hint=verdict["hint"])


@app.command("remove")
def remove_provider(provider: Provider, as_json: AsJson = False) -> None:
    """Remove a provider with its key and its routes."""
    with connect() as api:
        api.delete(f"/v1/providers/{provider}")
    say(f"Removed {provider}.", as_json=as_json, document={"name": provider})


@app.command("route")
def set_route(
    name: Annotated[str, typer.Argument(help="The model name that bots use.")],
    provider: Annotated[str, typer.Option(help="Name or id of the provider.")],
    model: Annotated[str, typer.Option(help="The provider's own name of the model.")],
    as_json: AsJson = False,
) -> None:
    """Make a model name, or point one elsewhere; its price comes from the price list."""
    with connect() as api:
        made = api.put("/v1/routes", {"name": name, "provider": provider, "model": model})
    note = "" if made["price"] else " It is unpriced: no budget limits its calls."
    say(f"{name} is served by {provider} as {model}.{note}", as_json=as_json, document=made)


@app.command("routes")
def list_routes(as_json: AsJson = False) -> None:
    """List the model names that bots may use, with prices in dollars per million tokens."""
    with connect() as api:
        routes = list(api.pages("/v1/routes"))
    columns = ["name", "model", "provider_id", "max_output", "price"]
    show_list(routes, columns, as_json=as_json, empty="No routes. homarus provider route NAME")


def _key(variable: str) -> str:
    if variable:
        if variable not in os.environ:
            raise Invalid(f"There is no variable {variable} in the environment.")
        return os.environ[variable]
    if sys.stdin.isatty():
        return str(typer.prompt("Key", hide_input=True))
    return sys.stdin.read().strip()
