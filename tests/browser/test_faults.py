"""Every page when the API is slow, down or refuses: as it opens, and in the middle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from homarus.testing.browsing import WITHIN_MS, Site, addresses

FAULTS = {
    403: "You may not see this",
    409: "It broke.",
    429: "Too many requests",
    500: "It broke.",
    0: "Homarus does not answer",
}
"""What a page says, by the status that the API answers; 0: it does not."""
READS_NOTHING = {"login", "settings", "wizard"}
"""Pages that open with nothing of the API's but who one is. The wizard's later steps do not: its
own tests walk them through the same faults."""
BY_BUTTON = {"doctor": "Examine again"}
"""Pages that read nothing again by themselves, and what one presses for it."""
PAGES = sorted(set(addresses(bot="", call="")) - READS_NOTHING)
LOOK_AGAIN = "() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))"
"""What a browser does when somebody comes back to the tab: what is old is read again."""
WORDS = """() => {
  const main = document.querySelector("main").cloneNode(true);
  const apart = "[role=alert], [role=status], time, style, button";
  for (const one of main.querySelectorAll(apart)) one.remove();
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  const lines = [];
  while (walker.nextNode()) lines.push(...walker.currentNode.data.split("\\n"));
  return lines.filter((line) => !line.startsWith("bot_"));
}"""
"""What a page shows, but for how long ago it was and what is told of the connection and faults.
Buttons follow what may be done now, and an id stands only until its name is known."""


@pytest.fixture(scope="module")
def paths(site: Site) -> dict[str, str]:
    """The addresses of an installation with something on every page."""
    site.homarus.echo("steady")
    site.homarus.cli("bot", "chat", "steady", "demo:say Hello.")
    return addresses(bot="steady", call=site.homarus.json("calls")[0]["id"])


@pytest.fixture(scope="module")
def one_tab(site: Site) -> Iterator[Page]:
    """One for all: logging in for each page would be most of the time."""
    context = site.context()
    # Never opened: a clock that jumps ends the stream, and one opened anew reads everything again.
    context.route("**/v1/events", lambda _: None)
    page = site.log_in(context)
    page.clock.install()
    yield page
    context.close()


@pytest.fixture
def tab(one_tab: Page) -> Iterator[Page]:
    """The tab, with an API in order."""
    yield one_tab
    one_tab.unroute_all()


def is_read(route: Route) -> bool:
    """Whether a page asks for what it shows, and not who one is or what happens."""
    return not route.request.url.endswith(("/v1/me", "/v1/events"))


def broken(status: int) -> Any:
    """An API that answers ``status`` to whatever a page reads."""

    def answer(route: Route) -> None:
        if not is_read(route):
            route.fallback()
        elif status == 0:
            route.abort()
        else:
            document = {"title": "It broke.", "request_id": "req-12345"}
            route.fulfill(status=status, json=document)

    return answer


@pytest.mark.parametrize("name", PAGES)
def test_a_page_waits_for_a_slow_api_and_says_when_it_broke(
    tab: Page, paths: dict[str, str], name: str
) -> None:
    held: list[Route] = []
    tab.route("**/v1/**", lambda route: held.append(route) if is_read(route) else route.fallback())
    tab.goto(paths[name])
    expect(tab.get_by_role("status", name=re.compile("Loading|Examining")).first).to_be_visible()
    tab.route("**/v1/**", broken(500))
    for route in held:
        broken(500)(route)
    alert = tab.get_by_role("alert").first
    expect(alert).to_contain_text("It broke.")
    expect(alert).to_contain_text("Request req-12345")
    tab.unroute_all()
    while (again := tab.get_by_role("button", name="Try again")).count():
        again.first.click()
        expect(tab.get_by_role("status", name="Loading")).to_have_count(0)
    expect(tab.get_by_role("alert")).to_have_count(0)
    expect(tab.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("name", PAGES)
def test_what_was_read_stays_while_it_cannot_be_read_again(
    tab: Page, paths: dict[str, str], name: str
) -> None:
    tab.goto(paths[name])
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    expect(tab.get_by_role("status", name="Loading")).to_have_count(0)
    expect(tab.get_by_role("status", name="Examining")).to_have_count(0)
    alert = tab.get_by_role("alert")
    for status, words in FAULTS.items():
        shown = tab.evaluate(WORDS)
        tab.route("**/v1/**", broken(status))
        read_until_told(tab, name)
        expect(alert).to_contain_text(words)
        expect(alert).to_contain_text("may be old")
        assert set(shown) <= set(tab.evaluate(WORDS))
        tab.unroute_all()
        alert.get_by_role("button", name="Try again").click()
        expect(alert).to_have_count(0)
    tab.route("**/v1/**", broken(401))
    read_again(tab, name)
    tab.wait_for_url(lambda url: "/login" in url)
    assert paths[name] in tab.evaluate("() => new URLSearchParams(location.search).get('next')")


def read_until_told(tab: Page, name: str) -> None:
    """Let it read anew until the fault is met: what was under way before it may still succeed."""
    for _ in range(4):
        read_again(tab, name)
        with suppress(AssertionError):
            expect(tab.get_by_role("alert")).to_have_count(1, timeout=WITHIN_MS / 4)
            return
    expect(tab.get_by_role("alert")).to_have_count(1)


def read_again(tab: Page, name: str) -> None:
    """Let a page read anew what it shows."""
    if name in BY_BUTTON:
        tab.get_by_role("button", name=BY_BUTTON[name]).click()
        return
    tab.clock.fast_forward(60_000)
    tab.evaluate(LOOK_AGAIN)


def test_a_page_that_breaks_does_not_blame_the_server(tab: Page) -> None:
    tab.route("**/v1/bots/summary", lambda route: route.fulfill(json={"total": 1}))
    tab.goto("/")
    alert = tab.get_by_role("alert")
    expect(alert).to_contain_text("Something broke in this page")
    expect(tab.get_by_text("does not answer")).to_have_count(0)
    expect(tab.get_by_role("button", name="Try again")).to_have_count(0)
    tab.unroute("**/v1/bots/summary")
    alert.get_by_role("button", name="Load the page again").click()
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    expect(alert).to_have_count(0)
