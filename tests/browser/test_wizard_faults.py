"""The wizard on bad days: refusals, lost answers, a session that ends, a bot that fails."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from homarus.testing.browsing import Site, lose_answers
from homarus.testing.wizard import Walk, on_its_way

DOWN = 0


def fault(status: int) -> dict[str, Any]:
    return {
        "title": f"Refused with {status}.",
        "detail": "This is why.",
        "hint": "",
        "code": "conflict" if status == 409 else "test",
        "request_id": f"req-{status}",
        "issues": None,
    }


def fail(page: Page, url: str, status: int) -> None:
    """Let every request to ``url`` fail; with `DOWN` there is no answer at all."""

    def refuse(route: Route) -> None:
        if status == DOWN:
            route.abort("connectionrefused")
        else:
            route.fulfill(status=status, json=fault(status))

    page.route(url, refuse)


def words_of(status: int) -> str:
    """What a page shows of it."""
    return "Homarus does not answer" if status == DOWN else f"req-{status}"


def begin(page: Page) -> Walk:
    page.goto("/new")
    return Walk(page)


def made(site: Site, name: str) -> int:
    """How often a bot of this name was made."""
    with site.homarus.api() as api:
        events = api.get("/v1/audit", action="bot.create", limit=200)["items"]
    return sum(event["detail"].get("name") == name for event in events)


STEPS = {
    "model": ("**/v1/routes?*", "demo"),
    "place": ("**/v1/targets", "This machine"),
    "review": ("**/v1/apply", "What would change of read-bee"),
}
STATUSES = (500, 403, 409, 429, DOWN)


@pytest.mark.parametrize("step", STEPS)
def test_what_a_step_cannot_read_it_says_and_tries_again(page: Page, step: str) -> None:
    url, shown = STEPS[step]
    walk = begin(page)
    walk.to_review("read-bee")
    page.goto(f"/new?step={step}")
    there = page.get_by_role("table" if step == "review" else "radio", name=shown)
    expect(there).to_be_visible()
    alert = page.get_by_role("alert")
    for status in STATUSES:
        fail(page, url, status)
        page.reload()
        expect(alert).to_contain_text(words_of(status))
        expect(there).to_have_count(0)
        page.unroute(url)
        alert.get_by_role("button", name="Try again").click()
        expect(there).to_be_visible()
        expect(alert).to_have_count(0)


def test_a_name_that_cannot_be_checked_is_found_out_later(site: Site, page: Page) -> None:
    site.homarus.echo("late-bee", desired="stopped")
    fail(page, "**/v1/bots/late-bee", 403)
    walk = begin(page)
    walk.purpose("late-bee")
    walk.click("button", "Next")
    walk.click("button", "Next")
    expect(page.get_by_role("alert")).to_contain_text("There is a bot late-bee already.")
    expect(page.get_by_role("button", name="Make the bot")).to_be_disabled()
    page.unroute("**/v1/bots/late-bee")
    walk.click("button", "Change: Purpose")
    name = page.get_by_role("textbox", name="Name", exact=True)
    expect(name).to_be_focused()
    expect(page.get_by_text("There is a bot late-bee already.")).to_be_visible()
    name.fill("later-bee")
    expect(page.get_by_text("There is a bot late-bee already.")).to_have_count(0)


def test_a_plan_that_is_refused_leads_back_to_the_field(page: Page) -> None:
    walk = begin(page)
    walk.to_place("big-bee")
    walk.fill("Memory in MB", "3")
    expect(page.get_by_text("Write a whole number of at least 1,200.")).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    walk.fill("Memory in MB", "262144")
    expect(page.get_by_text("it waits until another bot stops")).to_be_visible()
    walk.click("button", "Next")
    expect(page.get_by_role("alert")).to_contain_text("Bot big-bee asks for 262144 MB")
    walk.click("button", "Change: Place")
    memory = page.get_by_role("textbox", name="Memory in MB")
    expect(memory).to_be_focused()
    expect(page.get_by_text("Bot big-bee asks for 262144 MB")).to_be_visible()
    memory.fill("1200")
    walk.click("button", "Next")
    expect(page.get_by_text("big-bee will be made.")).to_be_visible()


def test_a_model_that_went_away_leads_back_to_the_choice(site: Site, page: Page) -> None:
    with site.homarus.api() as api:
        new = {"name": "passing", "type": "openai", "base_url": "http://127.0.0.1:9/v1"}
        provider = api.post("/v1/providers", new)
        api.put("/v1/routes", {"name": "passing", "provider": provider["id"], "model": "m"})
        walk = begin(page)
        walk.purpose("passing-bee")
        walk.click("radio", "passing")
        walk.click("button", "Next")
        expect(page.get_by_role("heading", name="Where does it run?")).to_be_visible()
        api.delete(f"/v1/providers/{provider['id']}")
    walk.click("button", "Next")
    expect(page.get_by_role("alert")).to_contain_text("'passing' is not known here")
    walk.click("button", "Change: Model")
    models = page.get_by_role("group", name="Model", exact=True)
    expect(models).to_contain_text("'passing' is not known here")
    expect(models.get_by_role("radio").first).to_be_focused()


def test_a_missing_sandbox_says_how_to_mend_it(page: Page) -> None:
    problem = "bubblewrap is not installed: apt-get install bubblewrap"

    def without(route: Route) -> None:
        targets = route.fetch().json()
        for isolation in targets[0]["isolations"]:
            if isolation["kind"] == "sandbox":
                isolation.update(available=False, problem=problem)
        route.fulfill(json=targets)

    page.route("**/v1/targets", without)
    walk = begin(page)
    walk.to_place("bare-bee")
    expect(page.get_by_role("radio", name="In a sandbox")).to_be_disabled()
    expect(page.get_by_text(problem)).to_be_visible()
    next_ = page.get_by_role("button", name="Next")
    expect(next_).to_be_disabled()
    expect(next_).to_have_accessible_description("This machine cannot keep it in a sandbox now.")
    walk.click("radio", "Without a sandbox")
    expect(next_).to_be_enabled()


def test_what_cannot_be_made_can_be_asked_again(page: Page) -> None:
    walk = begin(page)
    walk.to_review("again-bee")
    alert = page.get_by_role("alert")
    asked = page.get_by_role("button", name="Make the bot")
    for status in STATUSES:
        fail(page, "**/v1/bots", status)
        asked.click()
        expect(alert).to_contain_text(words_of(status))
        page.unroute("**/v1/bots")
        asked = alert.get_by_role("button", name="Try again")
    asked.click()
    page.wait_for_url("**/new?bot=again-bee")


def test_a_double_click_makes_one_bot(site: Site, page: Page) -> None:
    walk = begin(page)
    walk.to_review("double-bee")
    page.get_by_role("button", name="Make the bot").dblclick()
    page.wait_for_url("**/new?bot=double-bee")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert made(site, "double-bee") == 1


def test_a_lost_answer_makes_one_bot_also_after_a_reload(site: Site, page: Page) -> None:
    walk = begin(page)
    walk.to_review("lost-bee")
    keys = lose_answers(page, "**/v1/bots")
    walk.click("button", "Make the bot")
    expect(page.get_by_role("alert")).to_contain_text("Homarus does not answer")
    page.unroute("**/v1/bots")
    page.reload()
    with page.expect_request(
        lambda sent: sent.method == "POST" and sent.url.endswith("/v1/bots")
    ) as again:
        walk.click("button", "Make the bot")
    assert again.value.headers["idempotency-key"] == keys[0]
    page.wait_for_url("**/new?bot=lost-bee")
    assert made(site, "lost-bee") == 1


def test_a_session_that_ends_comes_back_to_the_review(site: Site, page: Page) -> None:
    walk = begin(page)
    walk.to_review("session-bee")
    page.context.clear_cookies()
    walk.click("button", "Make the bot")
    expect(page.get_by_text("Your session ended.")).to_be_visible()
    link = site.homarus.cli("user", "link", "owner@localhost").strip().splitlines()[-1]
    page.evaluate("token => { window.location.hash = token }", link.split("#")[1])
    expect(page.get_by_role("heading", name="Is this right?")).to_be_visible()
    walk.click("button", "Make the bot")
    page.wait_for_url("**/new?bot=session-bee")


def test_a_bot_that_fails_says_why_and_offers_the_way_on(site: Site, page: Page) -> None:
    def spoiled(route: Route) -> None:
        body = {**json.loads(route.request.post_data or "{}"), "settings": {"exit_code": 3}}
        route.continue_(post_data=json.dumps(body))

    walk = begin(page)
    walk.to_review("fails-bee")
    page.route("**/v1/bots", spoiled)
    walk.click("button", "Make the bot")
    expect(page.get_by_role("heading", name="fails-bee did not start")).to_be_visible(
        timeout=90_000
    )
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(re.compile("ended|exit|crash", re.IGNORECASE))
    expect(page.get_by_role("log")).to_contain_text("told to exit with 3")
    expect(alert.get_by_role("link", name="Change it")).to_be_visible()
    alert.get_by_role("link", name="Look at the log").click()
    page.wait_for_url("**/bots/fails-bee/logs")
    page.go_back()
    fail(page, "**/v1/bots/*/start", 429)
    alert.get_by_role("button", name="Try again").first.click()
    expect(alert.get_by_text("Request req-429")).to_be_visible()
    page.unroute("**/v1/bots/*/start")
    with on_its_way(page, "fails-bee"):
        alert.get_by_role("button", name="Try again").first.click()
        expect(page.get_by_role("heading", name="fails-bee is being made")).to_be_visible()
    with site.homarus.api() as api:
        spec = api.get("/v1/bots/fails-bee")["spec"]
        api.put("/v1/bots/fails-bee", {"spec": {**spec, "settings": {}}})
    expect(page.get_by_role("heading", name="fails-bee runs")).to_be_visible(timeout=60_000)
    walk.say("Better now.")


def test_the_way_up_cannot_be_read_for_a_while(site: Site, page: Page) -> None:
    site.homarus.echo("unread-bee")
    for status in STATUSES:
        fail(page, "**/v1/bots/unread-bee", status)
        page.goto("/new?bot=unread-bee")
        expect(page.get_by_role("alert")).to_contain_text(words_of(status))
        page.unroute("**/v1/bots/unread-bee")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("textbox", name="Message")).to_be_focused()
