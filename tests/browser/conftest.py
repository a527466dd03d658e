"""Chromium on a real Homarus: one installation for all browser tests, echo bots, no first bot."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from homarus.testing.installed import Homarus, ended, make, short_folder

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
WITHIN_MS = 20_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is missing")
    expect.set_options(timeout=WITHIN_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield started
        started.close()


@dataclass(frozen=True)
class Site:
    """A running Homarus and the browser that looks at it."""

    homarus: Homarus
    browser: Browser

    @property
    def url(self) -> str:
        """Where the console is."""
        return f"http://127.0.0.1:{self.homarus.ports[0]}"

    def context(self, **how: object) -> BrowserContext:
        """A browser profile of its own, logged in as nobody."""
        return self.browser.new_context(base_url=self.url, **how)  # type: ignore[arg-type]

    def log_in(self, context: BrowserContext, *, email: str = "") -> Page:
        """A page of ``context`` after a one-time link of the owner, or of ``email``."""
        email = email or "owner@localhost"
        link = self.homarus.cli("user", "link", email).strip().splitlines()[-1]
        page = context.new_page()
        page.set_default_timeout(WITHIN_MS)
        page.goto(link)
        page.wait_for_url(lambda url: "/login" not in url)
        return page


@pytest.fixture(scope="session")
def site(browser: Browser) -> Iterator[Site]:
    """Homarus without bots; tests make their own and name them apart."""
    with short_folder() as folder:
        for homarus in ended(make(folder)):
            homarus.up("--no-bot")
            yield Site(homarus, browser)


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    """The owner's browser; a violation of the content policy or a script error fails the test."""
    context = site.context()
    page = site.log_in(context)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield page
    context.close()
    assert wrong == []
