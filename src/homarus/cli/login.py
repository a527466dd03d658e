"""``homarus login``: get an API token for this machine."""

from __future__ import annotations

import os
import platform
from typing import Annotated
from urllib.parse import urlsplit

import typer

from homarus.cli.output import say
from homarus.client.api import Api
from homarus.client.credential import Credential, known_url, save_credential
from homarus.errors import Invalid


def login(
    link: Annotated[
        str, typer.Argument(help="A login link, or the token in it; absent: e-mail and password.")
    ] = "",
    url: Annotated[str, typer.Option(help="Where Homarus is.")] = "",
    email: Annotated[str, typer.Option(help="Log in with this e-mail and a password.")] = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it ends.")] = 90,
) -> None:
    """Log in, and keep an API token for this machine in the home folder (0600)."""
    place, secret = _parse(link)
    url = url or place or known_url(os.environ)
    if secret:
        path, body = "/v1/login/link", {"token": secret}
    else:
        email = email or typer.prompt("E-mail")
        password = typer.prompt("Password", hide_input=True)
        path, body = "/v1/login", {"email": email, "password": password}
    with Api(Credential(url, "")) as browser:
        browser.session_cookie(path, body)
        named = {"name": f"command line on {platform.node()}"[:80], "days": days}
        made = browser.post("/v1/tokens", named)
        browser.post("/v1/logout")
    saved = save_credential(os.environ, Credential(url, made["secret"]))
    say(f"Logged in at {url}; the token is in {saved}.")


def _parse(link: str) -> tuple[str, str]:
    """Return the address and the token of a login link; a bare token has no address."""
    if not link:
        return "", ""
    if "://" not in link:
        return "", link
    parts = urlsplit(link)
    if not parts.fragment:
        raise Invalid("This is not a login link.", hint="It ends in #hlk_... ")
    return f"{parts.scheme}://{parts.netloc}", parts.fragment
