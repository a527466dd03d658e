"""Model calls in the console: live, filtered, one in full, and what is drawn when it fails."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from homarus.testing.browsing import Site


@pytest.fixture(scope="module")
def caller(site: Site) -> str:
    """A bot that made one call."""
    site.homarus.echo("caller")
    site.homarus.cli("bot", "chat", "caller", "demo:say First.")
    return "caller"


def problem(status: int, **more: Any) -> Any:
    """What a faulty server answers, with or without being one of ours."""
    document = {"title": "It broke.", "request_id": "req-12345", "hint": "", "detail": "", **more}
    return lambda route: route.fulfill(status=status, json=document)


def test_a_call_appears_while_one_looks(site: Site, page: Page, caller: str) -> None:
    page.goto("/calls")
    rows = page.get_by_role("table", name="Calls").get_by_role("link", name=caller)
    expect(rows.first).to_be_visible()
    before = rows.count()
    site.homarus.cli("bot", "chat", caller, "demo:say Second.")
    expect(rows).to_have_count(before + 1)


def test_filters_and_the_page_of_one_call(site: Site, page: Page, caller: str) -> None:
    call = site.homarus.json("calls")[0]
    page.goto("/calls")
    page.get_by_label("Trace").fill(call["trace_id"])
    table = page.get_by_role("table", name="Calls")
    expect(table.get_by_role("row")).to_have_count(2)
    page.wait_for_url(lambda url: call["trace_id"] in url)
    page.get_by_role("combobox", name="State").select_option(label="Failed")
    expect(page.get_by_role("heading", name="No call matches")).to_be_visible()
    page.get_by_role("link", name="Clear the filters").click()
    table.get_by_role("row").nth(1).get_by_role("link").first.click()

    expect(page.get_by_role("heading", name="Call", exact=True)).to_be_visible()
    facts = page.get_by_role("region", name="What was asked")
    expect(facts.get_by_text(call["trace_id"], exact=True)).to_be_visible()
    expect(facts.get_by_role("link", name=caller)).to_be_visible()
    used = page.get_by_role("region", name="Tokens")
    expect(used.get_by_text("$0.0")).to_be_visible()
    expect(used.get_by_text("demo")).to_be_visible()
    attempts = page.get_by_role("table", name="Attempts of this trace")
    expect(attempts.get_by_role("row")).to_have_count(2)


def test_the_rest_of_a_list_may_be_away(page: Page, caller: str) -> None:
    def half(route: Route) -> None:
        if "cursor=further" in route.request.url:
            problem(500)(route)
            return
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "next_cursor": "further"})

    page.route("**/v1/calls?*", half)
    page.goto("/calls")
    expect(page.get_by_text("One part could not be read.")).to_be_visible()
    expect(page.get_by_role("table", name="Calls").get_by_role("row").nth(1)).to_be_visible()


def test_a_session_that_ended_leads_to_the_login_and_back(
    site: Site, page: Page, caller: str
) -> None:
    page.goto("/calls?state=done")
    expect(page.get_by_role("table", name="Calls")).to_be_visible()
    page.context.clear_cookies()
    page.reload()
    page.wait_for_url(lambda url: "/login" in url)
    login = page.url
    link = site.homarus.cli("user", "link", "owner@localhost").strip().splitlines()[-1]
    page.goto(login + "#" + link.partition("#")[2])
    page.wait_for_url(lambda url: url.endswith("/calls?state=done"))
