"""The revisions of a bot in the console: who changed what when, and what differs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from homarus.testing.browsing import Site


def edit(site: Site, name: str, **change: Any) -> None:
    with site.homarus.api() as api:
        bot = api.get(f"/v1/bots/{name}")
        api.put(f"/v1/bots/{name}", {"spec": {**bot["spec"], **change}, "version": bot["version"]})


@pytest.fixture(scope="module")
def bot(site: Site) -> str:
    """A bot of three revisions."""
    site.homarus.echo("revised", desired="stopped", labels={"team": "blue"})
    edit(site, "revised", labels={"team": "red"}, goals=["Sell shoes", "Be kind"])
    edit(site, "revised", persona="A calm seller.", goals=["Sell shoes"])
    return "revised"


def test_each_revision_says_what_it_changed(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}")
    page.get_by_role("tab", name="Revisions").click()
    rows = page.get_by_role("table", name="Revisions", exact=True).get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Goals, Who it is")
    expect(rows.nth(1)).to_contain_text("now")
    expect(rows.nth(1)).to_contain_text("you")
    expect(rows.nth(2)).to_contain_text("Goals, Label team")
    expect(rows.nth(3)).to_contain_text("made")


def test_any_two_are_compared_field_by_field(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/revisions")
    last = page.get_by_role("table", name="What differs between revisions 2 and 3")
    expect(last.get_by_role("row", name="Goals")).to_contain_text("Be kind")
    expect(last.get_by_role("deletion")).to_have_text(["Sell shoes\nBe kind"])
    expect(last.get_by_role("insertion")).to_have_text(["Sell shoes", "A calm seller."])

    page.get_by_role("link", name="Show what revision 2 changed").click()
    second = page.get_by_role("table", name="What differs between revisions 1 and 2")
    team = second.get_by_role("row", name="Label team")
    expect(team.get_by_role("deletion")).to_have_text("blue")
    expect(team.get_by_role("insertion")).to_have_text("red")

    page.get_by_role("combobox", name="and", exact=True).select_option(value="3")
    whole = page.get_by_role("table", name="What differs between revisions 1 and 3")
    expect(whole.get_by_role("row")).to_have_count(4)
    page.reload()
    expect(whole.get_by_role("row")).to_have_count(4)
    page.goto(f"/bots/{bot}/revisions?from=2&to=2")
    expect(page.get_by_text("They do not differ.")).to_be_visible()
    page.goto(f"/bots/{bot}/revisions?from=2&to=99")
    expect(page.get_by_text("There is no revision 99.")).to_be_visible()


def test_a_link_to_revisions_further_back_reads_on(page: Page, bot: str) -> None:
    def by_one(route: Route) -> None:
        route.continue_(url=route.request.url.replace("limit=100", "limit=1"))

    page.route("**/revisions?*limit*", by_one)
    page.goto(f"/bots/{bot}/revisions?from=1&to=3")
    found = page.get_by_role("table", name="What differs between revisions 1 and 3")
    expect(found.get_by_role("row", name="Label team")).to_be_visible()


def test_one_revision_is_compared_with_nothing(site: Site, page: Page) -> None:
    site.homarus.echo("rev-single", desired="stopped")
    page.goto("/bots/rev-single/revisions")
    expect(page.get_by_text("There is one revision so far")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "words"),
    [(500, "Request req-12345"), (403, "You may not see this"), (429, "Too many requests")],
)
def test_a_fault_says_what_and_offers_another_try(
    page: Page, bot: str, status: int, words: str
) -> None:
    broken = {"title": "It broke.", "request_id": "req-12345"}
    page.route("**/revisions?*limit*", lambda route: route.fulfill(status=status, json=broken))
    page.goto(f"/bots/{bot}/revisions")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(words)
    page.unroute("**/revisions?*limit*")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("table", name="Revisions", exact=True)).to_be_visible()


def test_a_server_that_is_down(page: Page, bot: str) -> None:
    page.route("**/revisions?*limit*", lambda route: route.abort())
    page.goto(f"/bots/{bot}/revisions")
    expect(page.get_by_role("alert")).to_contain_text("Homarus does not answer")


def test_a_session_that_ended_leads_to_the_login_and_back(site: Site, page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/revisions?from=1&to=3")
    expect(page.get_by_role("table", name="Revisions", exact=True)).to_be_visible()
    page.context.clear_cookies()
    page.reload()
    page.wait_for_url(lambda url: "/login" in url)
    site.return_to(page)
    page.wait_for_url(lambda url: url.endswith("/revisions?from=1&to=3"))
    expect(page.get_by_role("table", name="Revisions", exact=True)).to_be_visible()


def test_a_viewer_reads_them_and_sees_no_names_of_people(site: Site, bot: str) -> None:
    site.homarus.cli("user", "create", "viewer@x.example", "--role", "viewer")
    with site.homarus.api() as api:
        owner = api.get("/v1/me")["id"]
    context = site.context()
    page = site.log_in(context, email="viewer@x.example")
    page.goto(f"/bots/{bot}/revisions")
    table = page.get_by_role("table", name="Revisions", exact=True)
    expect(table.get_by_text(owner)).to_have_count(3)
    expect(page.get_by_role("button", name="Actions")).to_have_count(0)
    context.close()
