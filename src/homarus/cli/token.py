"""``homarus token``: API tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, say, show_list

app = typer.Typer(help="API tokens of yours.", no_args_is_help=True)


@app.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """List your tokens, newest first."""
    with connect() as api:
        tokens = list(api.pages("/v1/tokens"))
    columns = ["name", "hint", "last_used_at", "expires_at", "revoked_at", "id"]
    show_list(tokens, columns, as_json=as_json, empty="You have no tokens.")


@app.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", help="What it may do; may be repeated; absent: all you may."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it ends.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token. It is printed once and cannot be shown again."""
    with connect() as api:
        made = api.post("/v1/tokens", {"name": name, "scopes": scopes, "days": days})
    say(made["secret"], as_json=as_json, document=made)


@app.command("revoke")
def revoke_token(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="From `homarus token list`.")],
    as_json: AsJson = False,
) -> None:
    """End a token at once and for good."""
    with connect() as api:
        api.delete(f"/v1/tokens/{token_id}")
    say(f"Revoked {token_id}.", as_json=as_json, document={"id": token_id})
