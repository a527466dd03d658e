"""Chromium on a real Homarus: one installation for each file of tests, without a first bot.

For each file and not for all: Playwright keeps an event loop running, beside which the
asynchronous tests of the same worker could not run theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from homarus.testing.browsing import ARGUMENTS, CHROMIUM, WITHIN_MS, Site
from homarus.testing.installed import ended, make, short_folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, for one file of tests."""
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is missing")
    expect.set_options(timeout=WITHIN_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
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
