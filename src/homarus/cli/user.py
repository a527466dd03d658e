"""``homarus user``: people and their roles."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from homarus.cli.connect import connect
from homarus.cli.output import AsJson, say, show_list, show_one
from homarus.client.api import Api
from homarus.errors import NotFound

app = typer.Typer(help="People and their roles.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="Their e-mail or id.")]
Roles = Annotated[
    list[str],
    typer.Option("--role", help="A role, or ROLE@FLEET for one fleet; may be repeated."),
]


@app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """List the users of the workspace."""
    with connect() as api:
        users = [_flat(user) if not as_json else user for user in api.pages("/v1/users")]
    columns = ["email", "name", "roles", "last_login_at", "id"]
    show_list(users, columns, as_json=as_json, empty="There are no users.")


@app.command("create")
def create_user(
    email: Annotated[str, typer.Argument(help="Their e-mail.")],
    roles: Roles,
    name: Annotated[str, typer.Option(help="Their name; absent: the e-mail.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a user and print a login link that lets them in once."""
    with connect() as api:
        body = {"email": email, "name": name or email, "grants": _grants(roles)}
        made = api.post("/v1/users", body)
        link = _link(api, made["id"])
    say(
        f"Made {email}. They log in once, within half an hour, with:\nhomarus login '{link}'",
        as_json=as_json,
        document={**made, "login_link": link},
    )


@app.command("get")
def get_user(who: Who, as_json: AsJson = False) -> None:
    """Show a user."""
    with connect() as api:
        user = _find(api, who)
    show_one(user if as_json else _flat(user), as_json=as_json)


@app.command("grant")
def grant_roles(who: Who, roles: Roles, as_json: AsJson = False) -> None:
    """Give a user exactly these roles."""
    with connect() as api:
        user = api.patch(f"/v1/users/{_find(api, who)['id']}", {"grants": _grants(roles)})
    show_one(user if as_json else _flat(user), as_json=as_json)


@app.command("link")
def make_link(who: Who, as_json: AsJson = False) -> None:
    """Print a link that logs a user in once, within half an hour."""
    with connect() as api:
        link = _link(api, _find(api, who)["id"])
    say(link, as_json=as_json, document={"login_link": link})


@app.command("delete")
def delete_user(who: Who, as_json: AsJson = False) -> None:
    """Remove a user with their sessions and tokens."""
    with connect() as api:
        user = _find(api, who)
        api.delete(f"/v1/users/{user['id']}")
    say(f"Removed {user['email']}.", as_json=as_json, document=user)


def _link(api: Api, user_id: str) -> str:
    return f"{api.url}/login#{api.post(f'/v1/users/{user_id}/login-link')['token']}"


def _find(api: Api, who: str) -> dict[str, Any]:
    if who.startswith("usr_"):
        return api.get(f"/v1/users/{who}")
    for user in api.pages("/v1/users"):
        if user["email"] == who.lower():
            return user
    raise NotFound(f"There is no user {who}.", hint="homarus user list")


def _grants(roles: list[str]) -> list[dict[str, str | None]]:
    grants = []
    for role in roles:
        name, _, fleet = role.partition("@")
        grants.append({"role": name, "fleet": fleet or None})
    return grants


def _flat(user: dict[str, Any]) -> dict[str, Any]:
    roles = [f"{g['role']}@{g['fleet']}" if g["fleet"] else g["role"] for g in user["grants"]]
    return {**{k: v for k, v in user.items() if k != "grants"}, "roles": roles}
