"""One bot in the console: its state, what can be asked of it, and talking to it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from homarus.testing.browsing import Site, lose_answers


@pytest.fixture(scope="module")
def bot(site: Site) -> str:
    site.homarus.echo("shown", labels={"team": "blue"})
    return "shown"


def test_what_it_is_and_how_it_runs(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}")
    expect(page.get_by_role("heading", name=bot)).to_be_visible()
    facts = page.get_by_role("region", name="What it is")
    expect(facts.get_by_text("team=blue")).to_be_visible()
    expect(facts.get_by_text("meant to run")).to_be_visible()
    runs = page.get_by_role("region", name="How it runs")
    expect(runs.get_by_text("connected")).to_be_visible()
    expect(runs.get_by_text("Running")).to_be_visible()


def test_talking_to_it_and_finding_the_call(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}")
    page.get_by_role("tab", name="Chat").click()
    box = page.get_by_role("textbox", name="Message")
    box.fill("demo:say The lobster is fine 🦞.")
    box.press("Enter")
    said = page.get_by_role("list", name="Messages").get_by_role("listitem").last
    expect(said.get_by_text("Answered")).to_be_visible()
    expect(said.get_by_text("The lobster is fine 🦞.", exact=True)).to_be_visible()
    expect(box).to_have_value("")
    page.reload()
    expect(said.get_by_text("The lobster is fine 🦞.", exact=True)).to_be_visible()
    said.get_by_role("link", name="Its calls").click()
    calls = page.get_by_role("table", name="Calls")
    expect(calls.get_by_role("row")).to_have_count(2)
    page.go_back()
    page.get_by_role("tab", name="Calls").click()
    expect(page.get_by_role("table", name="Calls").get_by_role("row").nth(1)).to_be_visible()


def test_actions_say_why_not_and_take_effect(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}")
    page.get_by_role("button", name="Actions").click()
    start = page.get_by_role("menuitem", name="Start", exact=True)
    expect(start).to_contain_text("It is meant to run already.")
    expect(start).to_have_attribute("aria-disabled", "true")
    page.get_by_role("menuitem", name="Pause", exact=True).click()
    expect(page.get_by_role("main").get_by_text("Paused").first).to_be_visible()
    page.get_by_role("tab", name="Chat").click()
    expect(page.get_by_text("It can be talked to while it runs.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_be_disabled()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Resume").click()
    expect(page.get_by_role("textbox", name="Message")).to_be_enabled()
    page.get_by_role("tab", name="Commands").click()
    expect(page.get_by_role("region", name="bot.pause")).to_be_visible()


def test_deleting_asks_for_the_name_and_says_what_is_lost(site: Site, page: Page) -> None:
    site.homarus.echo("doomed")
    page.goto("/bots/doomed")
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete doomed?")
    expect(dialog).to_contain_text("Its memory and everything it wrote on disk are destroyed.")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_label("Type doomed to confirm").fill("doomed")
    dialog.get_by_role("button", name="Delete").click()
    page.wait_for_url(lambda url: url.endswith("/bots"))
    expect(page.get_by_role("link", name="doomed")).to_have_count(0)


def test_a_viewer_sees_no_action(site: Site, bot: str) -> None:
    site.homarus.cli("bot", "chat", bot, "demo:say Hello.")
    site.homarus.cli("user", "create", "viewer@x.example", "--role", "viewer")
    context = site.context()
    page = site.log_in(context, email="viewer@x.example")
    page.goto(f"/bots/{bot}/chat")
    expect(page.get_by_role("heading", name=bot)).to_be_visible()
    expect(page.get_by_role("list", name="Messages")).to_be_visible()
    expect(page.get_by_role("button", name="Actions")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Message")).to_have_count(0)
    for part in ("", "/calls", "/logs", "/commands", "/revisions", "/configuration"):
        page.goto(f"/bots/{bot}{part}")
        expect(page.get_by_role("tab", selected=True)).to_be_visible()
        expect(page.get_by_role("button", name="Actions")).to_have_count(0)
    page.goto("/bots")
    expect(page.get_by_role("link", name=bot)).to_be_visible()
    context.close()


def test_a_bot_that_is_not_there(page: Page) -> None:
    page.goto("/bots/nobody-here")
    expect(page.get_by_role("heading", name="There is no bot nobody-here")).to_be_visible()
    page.get_by_role("link", name="Go to the bots").click()
    page.wait_for_url(lambda url: url.endswith("/bots"))


def test_a_bot_that_is_deleted_while_one_looks(site: Site, page: Page) -> None:
    site.homarus.echo("leaving", desired="stopped")
    bot_id = site.homarus.bot("leaving")["id"]
    page.goto("/bots/leaving")
    expect(page.get_by_role("region", name="What it is")).to_be_visible()
    site.homarus.cli("bot", "delete", "leaving", "--yes")
    expect(page.get_by_role("heading", name="There is no bot leaving")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.goto(f"/bots/{bot_id}")
    note = page.get_by_role("status").filter(has_text="leaving was deleted")
    expect(note.get_by_role("link", name="Go to the bots")).to_be_visible()
    page.get_by_role("button", name="Actions").click()
    delete = page.get_by_role("menuitem", name="Delete")
    expect(delete).to_have_attribute("aria-disabled", "true")


def test_what_it_may_use_and_that_nothing_of_it_runs(site: Site, page: Page) -> None:
    budget = {"limit_usd": "2.5", "period": "month"}
    site.homarus.echo("leaf-ant", desired="stopped", budget=budget)
    page.goto("/bots/leaf-ant")
    means = page.get_by_role("region", name="What it may use")
    expect(means.get_by_role("row", name="Memory")).to_contain_text("64 MB")
    expect(means.get_by_role("row", name="Isolation")).to_contain_text("its own place alone")
    expect(means.get_by_role("row", name="Budget")).to_have_text(
        re.compile(r"\$0\.00 spent of \$2\.50 each month$")
    )
    expect(page.get_by_text("Nothing of it runs.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)

    page.route(
        "**/v1/budgets?*", lambda route: route.fulfill(status=500, json={"title": "Broken."})
    )
    page.reload()
    expect(means.get_by_role("alert")).to_contain_text("Broken.")
    expect(means.get_by_role("row", name="Budget")).to_contain_text("$2.50 each month")
    page.unroute("**/v1/budgets?*")
    means.get_by_role("button", name="Try again").click()
    expect(means.get_by_role("row", name="Budget")).to_contain_text("$0.00 spent")


def test_the_keyboard_reaches_why_something_may_not_be_done(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}")
    page.get_by_role("button", name="Actions").press("Enter")
    start = page.get_by_role("menuitem", name="Start", exact=True)
    page.get_by_role("menuitem", name="Stop", exact=True).press("ArrowUp")
    expect(start).to_be_focused()
    expect(start).to_have_accessible_description("It is meant to run already.")
    start.press("Enter")
    expect(start).to_be_visible()


def test_older_messages_are_read_when_asked_for(site: Site, page: Page, bot: str) -> None:
    for words in ("First words", "Last words"):
        site.homarus.cli("bot", "chat", bot, f"demo:say {words}.")

    def by_one(route: Route) -> None:
        route.continue_(url=route.request.url.replace("limit=20", "limit=1"))

    page.route("**/turns?*", by_one)
    page.goto(f"/bots/{bot}/chat")
    said = page.get_by_role("list", name="Messages").get_by_role("listitem")
    expect(said).to_have_count(1)
    expect(said).to_contain_text("Last words.")
    older = page.get_by_role("button", name="Older messages")
    page.route("**/turns?*cursor*", lambda route: route.abort())
    older.click()
    expect(page.get_by_role("alert")).to_have_text("One part could not be read.")
    page.unroute("**/turns?*cursor*")
    older.click()
    expect(said).to_have_count(2)
    expect(said.first).to_contain_text("First words.")
    expect(said.last).to_contain_text("Last words.")


def test_a_fault_shows_its_number_and_can_be_tried_again(site: Site, page: Page) -> None:
    site.homarus.echo("leaf-bee", desired="stopped")
    broken = {"title": "It broke.", "request_id": "req-12345", "hint": "", "detail": ""}
    page.route("**/v1/bots/leaf-bee", lambda route: route.fulfill(status=500, json=broken))
    page.goto("/bots/leaf-bee/calls")
    expect(page.get_by_text("Request req-12345")).to_be_visible()
    page.unroute("**/v1/bots/leaf-bee")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="No calls yet")).to_be_visible()


def test_a_message_whose_answer_is_lost_is_said_once(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/chat")
    box = page.get_by_role("textbox", name="Message")
    said = page.get_by_role("listitem").filter(has_text="demo:say Only once.")
    keys = lose_answers(page, f"**/v1/bots/{bot}/turns")
    box.fill("demo:say Only once.")
    box.press("Enter")
    expect(page.get_by_text("Homarus does not answer")).to_be_visible()
    expect(box).to_have_value("demo:say Only once.")
    page.unroute(f"**/v1/bots/{bot}/turns")
    for times in (1, 2):
        box.fill("demo:say Only once.")
        with page.expect_request(lambda sent: sent.method == "POST") as sent:
            page.get_by_role("button", name="Send").click()
        expect(box).to_have_value("")
        expect(said).to_have_count(times)
        assert (sent.value.headers["idempotency-key"] == keys[0]) is (times == 1)


def test_a_long_chat_opens_at_its_end_and_stays_where_one_reads(
    site: Site, page: Page, bot: str
) -> None:
    def say(word: str) -> None:
        text = "\n".join([*(f"Line {number}." for number in range(40)), f"{word} is the end."])
        with site.homarus.api() as api:
            api.post(f"/v1/bots/{bot}/turns", {"text": text})

    for word in ("One", "Two", "Three"):
        say(word)
    page.goto(f"/bots/{bot}/chat")
    box = page.get_by_role("textbox", name="Message")
    said = page.get_by_role("listitem")
    expect(said.filter(has_text="Three is the end.")).to_contain_text("Answered")
    expect(box).to_be_in_viewport()
    expect(page.get_by_text("Three is the end.").last).to_be_in_viewport()
    first = said.filter(has_text="One is the end.")
    first.scroll_into_view_if_needed()
    expect(first).to_be_in_viewport()
    say("Four")
    expect(said.filter(has_text="Four is the end.")).to_contain_text("Answered")
    expect(first).to_be_in_viewport()
    box.fill("demo:say Down again.")
    box.press("Enter")
    expect(page.get_by_text("Down again.", exact=True)).to_be_in_viewport()
