"""Every page when the API is slow, down or refuses: as it opens, and in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from homarus.testing.browsing import Site, addresses

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
ASKS_ONCE = {"doctor"}
"""Pages that read nothing again by themselves: the doctor examines when one presses it to."""
PAGES = sorted(set(addresses(bot="", call="")) - READS_NOTHING)
LOOK_AGAIN = "() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))"
"""What a browser does when somebody comes back to the tab: what is old is read again."""


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
    expect(tab.get_by_role("status", name="Loading").first).to_be_visible()
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


@pytest.mark.parametrize("name", [page for page in PAGES if page not in ASKS_ONCE])
def test_what_was_read_stays_while_it_cannot_be_read_again(
    tab: Page, paths: dict[str, str], name: str
) -> None:
    tab.goto(paths[name])
    heading = tab.get_by_role("heading", level=1)
    expect(heading).to_be_visible()
    expect(tab.get_by_role("status", name="Loading")).to_have_count(0)
    title = heading.text_content() or ""
    alert = tab.get_by_role("alert").filter(has_text="may be old")
    for status, words in FAULTS.items():
        tab.route("**/v1/**", broken(status))
        tab.clock.fast_forward(60_000)
        tab.evaluate(LOOK_AGAIN)
        expect(alert).to_contain_text(words)
        expect(heading).to_have_text(title)
        tab.unroute_all()
        alert.get_by_role("button", name="Try again").click()
        expect(alert).to_have_count(0)
    tab.route("**/v1/**", broken(401))
    tab.clock.fast_forward(60_000)
    tab.evaluate(LOOK_AGAIN)
    tab.wait_for_url(lambda url: "/login" in url)
    assert paths[name] in tab.evaluate("() => new URLSearchParams(location.search).get('next')")
