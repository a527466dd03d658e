"""Chromium on a real Homarus, for browser tests, benches and screenshots."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from homarus.testing.installed import Homarus

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""The last of them keep it from looking for its maker's servers, which no test may need."""
WITHIN_MS = 20_000


_ADDRESS = re.compile(r"^  (\w+): \((.*?)\) => [`\"](.*)[`\"],$", re.MULTILINE)


def addresses(**names: str) -> dict[str, str]:
    """Every page of the console by its name in the path builder: what is walked, is all there is.

    ``names`` stand for the parameters of addresses: ``bot="hello"``.
    """
    source = (Path(__file__).parents[3] / "dashboard/src/util/path-builder.ts").read_text()
    found = {}
    for name, parameters, address in _ADDRESS.findall(source):
        for parameter in re.findall(r"(\w+): string", parameters):
            address = address.replace(f"${{name({parameter})}}", names[parameter])
        found[name] = address
    return found


def settled(page: Page) -> None:
    """Wait until a page has drawn what it reads, or why it cannot."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)


def lose_answers(page: Page, url: str) -> list[str]:
    """Let what is posted to ``url`` be done and its answer be lost, until the route is undone.

    The list gets the ``Idempotency-Key`` of each.
    """
    keys: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.fallback()
            return
        keys.append(route.request.headers["idempotency-key"])
        assert route.fetch().status in {200, 201, 202}
        route.abort("connectionreset")

    page.route(url, lose)
    return keys


@dataclass(frozen=True)
class Site:
    """A running Homarus and the browser that looks at it."""

    homarus: Homarus
    browser: Browser

    @property
    def url(self) -> str:
        """Where the console is."""
        return f"http://127.0.0.1:{self.homarus.ports[0]}"

    def context(self, **how: Any) -> BrowserContext:
        """A browser profile of its own, logged in as nobody."""
        return self.browser.new_context(base_url=self.url, **how)

    def log_in(self, context: BrowserContext, *, email: str = "") -> Page:
        """A page of ``context`` after a one-time link of the owner, or of ``email``."""
        email = email or "owner@localhost"
        page = context.new_page()
        page.set_default_timeout(WITHIN_MS)
        page.goto(self._link(email))
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def return_to(self, page: Page) -> None:
        """Log the owner in again where a session ended; leads to where ``page`` was before."""
        page.goto(page.url + "#" + self._link("owner@localhost").partition("#")[2])

    def _link(self, email: str) -> str:
        return self.homarus.cli("user", "link", email).strip().splitlines()[-1]
