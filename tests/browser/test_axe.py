"""Every page of the console under axe, with something to show, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from homarus.testing.browsing import Site

PAGES = {
    "/": "Every bot is as it should be.",
    "/bots": "axe-bot",
    "/bots/axe-bot": "team=blue",
    "/bots/axe-bot/chat": "Answered",
    "/bots/axe-bot/calls": "Done",
    "/bots/axe-bot/logs": "echo serves",
    "/bots/axe-bot/commands": "bot.create",
    "/bots/axe-bot/revisions": "Difference",
    "/bots/axe-bot/configuration": "Nothing is changed yet.",
    "/calls": "axe-bot",
    "/audit": "bot.create",
    "/doctor": "Examine again",
    "/settings": "Account",
    "/settings/secrets": "AXE_SECRET",
}


@pytest.fixture(scope="module")
def filled(site: Site) -> Site:
    """An installation with something on every page."""
    site.homarus.echo("axe-bot", labels={"team": "blue"})
    site.homarus.cli("bot", "chat", "axe-bot", "demo:say Hello.")
    with site.homarus.api() as api:
        api.put("/v1/secrets/AXE_SECRET", {"value": "nobody sees this"})
    return site


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(filled: Site, scheme: str) -> None:
    page = filled.log_in(filled.context(color_scheme=scheme, reduced_motion="reduce"))
    found = {}
    for path, words in PAGES.items():
        page.goto(path)
        expect(page.get_by_text(words).first).to_be_visible()
        results = Axe().run(page)
        if results.violations_count:
            found[path] = [
                (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
                for one in results.response["violations"]
            ]
    page.context.close()
    assert found == {}, found
