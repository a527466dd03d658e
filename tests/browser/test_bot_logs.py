"""The log of a bot in the console: followed, searched, saved, and what is drawn without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from homarus.testing.browsing import Site

LABEL = "What the bot's program printed"


@pytest.fixture(scope="module")
def bot(site: Site) -> str:
    site.homarus.echo("logger")
    return "logger"


class Printed:
    """A log that grows as a test says; every answer is remembered by the cursor it was for."""

    def __init__(self, page: Page, bot: str, text: str = "") -> None:
        self.text = text
        self.cursors: list[str] = []
        page.route(f"**/v1/bots/{bot}/logs?*", self._answer)

    def _answer(self, route: Route) -> None:
        cursor = route.request.url.partition("cursor=")[2].partition("&")[0]
        self.cursors.append(cursor)
        text = self.text[int(cursor or 0) :]
        route.fulfill(json={"text": text, "cursor": str(len(self.text))})


def fault(status: int, **more: Any) -> Any:
    document = {"title": "It broke.", "request_id": "req-12345", **more}
    return lambda route: route.fulfill(status=status, json=document)


def test_new_lines_come_while_one_looks(site: Site, page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}")
    page.get_by_role("tab", name="Logs").click()
    log = page.get_by_role("region", name=LABEL)
    expect(log).to_contain_text("echo serves")
    site.homarus.cli("bot", "chat", bot, "demo:say Hello.")
    expect(log).to_contain_text("POST turn")


def test_only_what_is_new_is_asked_for_and_no_more_without_following(page: Page, bot: str) -> None:
    printed = Printed(page, bot, "one\n")
    page.clock.install()
    page.goto(f"/bots/{bot}/logs")
    log = page.get_by_role("region", name=LABEL)
    expect(log).to_have_text("one")
    printed.text += "two\n"
    expect(log).to_have_text("one\ntwo")
    assert printed.cursors[:2] == ["", "4"]
    page.get_by_role("checkbox", name="Show new lines as they come").uncheck()
    printed.text += "three\n"
    asked = len(printed.cursors)
    page.clock.fast_forward("01:00")
    # What the minute asked for is asked before this is.
    page.evaluate("fetch('/healthz').then((answer) => answer.status)")
    assert len(printed.cursors) == asked
    expect(log).to_have_text("one\ntwo")


def test_words_are_sought_and_marked(page: Page, bot: str) -> None:
    Printed(page, bot, "Alpha (one)\nbeta\nalpha two\n")
    page.goto(f"/bots/{bot}/logs")
    expect(page.get_by_text("3 lines", exact=True)).to_be_visible()
    page.get_by_label("Search").fill("alpha")
    log = page.get_by_role("region", name=LABEL)
    expect(log).to_have_text("Alpha (one)\nalpha two")
    expect(log.get_by_role("mark")).to_have_text(["Alpha", "alpha"])
    expect(page.get_by_text("2 of 3 lines")).to_be_visible()
    page.get_by_label("Search").fill("(one")
    expect(log.get_by_role("mark")).to_have_text(["(one"])
    page.wait_for_url(lambda url: "one" in url)
    page.reload()
    expect(log).to_have_text("Alpha (one)")
    page.get_by_label("Search").fill("gamma")
    expect(page.get_by_role("heading", name="No line has these words")).to_be_visible()
    page.get_by_role("link", name="Clear the search").click()
    expect(log).to_contain_text("beta")
    expect(page.get_by_label("Search")).to_have_value("")


def test_the_file_holds_the_whole_log(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/logs")
    expect(page.get_by_role("region", name=LABEL)).to_contain_text("echo serves")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    saved = waiting.value
    assert saved.suggested_filename == f"{bot}.log"
    assert Path(saved.path()).read_text().startswith("echo serves\n")


def test_a_bot_that_stands_still_has_no_log_to_read(site: Site, page: Page) -> None:
    site.homarus.echo("log-still", desired="stopped")
    page.goto("/bots/log-still/logs")
    expect(page.get_by_role("heading", name="The log cannot be read now")).to_be_visible()
    expect(page.get_by_role("button", name="Download")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_nothing_printed_yet(page: Page, bot: str) -> None:
    Printed(page, bot)
    page.goto(f"/bots/{bot}/logs")
    expect(page.get_by_role("heading", name="Nothing was printed yet")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "words"),
    [(500, "Request req-12345"), (403, "You may not see this"), (429, "Too many requests")],
)
def test_a_fault_says_what_and_offers_another_try(
    page: Page, bot: str, status: int, words: str
) -> None:
    page.route(f"**/v1/bots/{bot}/logs?*", fault(status))
    page.goto(f"/bots/{bot}/logs")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(words)
    page.unroute(f"**/v1/bots/{bot}/logs?*")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("region", name=LABEL)).to_contain_text("echo serves")
    expect(alert).to_have_count(0)


def test_what_was_read_stays_when_the_server_goes(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/logs")
    log = page.get_by_role("region", name=LABEL)
    expect(log).to_contain_text("echo serves")
    page.route(f"**/v1/bots/{bot}/logs?*", lambda route: route.abort())
    expect(page.get_by_role("alert")).to_contain_text("Homarus does not answer")
    expect(log).to_contain_text("echo serves")
    page.unroute(f"**/v1/bots/{bot}/logs?*")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_session_that_ended_leads_to_the_login_and_back(site: Site, page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/logs?q=serves")
    expect(page.get_by_role("region", name=LABEL)).to_contain_text("echo serves")
    page.context.clear_cookies()
    page.wait_for_url(lambda url: "/login" in url)
    site.return_to(page)
    page.wait_for_url(lambda url: url.endswith(f"/bots/{bot}/logs?q=serves"))


def test_a_viewer_reads_the_log(site: Site, bot: str) -> None:
    site.homarus.cli("user", "create", "viewer@x.example", "--role", "viewer")
    context = site.context()
    page = site.log_in(context, email="viewer@x.example")
    page.goto(f"/bots/{bot}/logs")
    expect(page.get_by_role("region", name=LABEL)).to_contain_text("echo serves")
    context.close()
