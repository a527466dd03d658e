"""A bot's configuration in the console: typed, reviewed as the server sees it, applied."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from homarus.testing.browsing import Site


@pytest.fixture(scope="module")
def bot(site: Site) -> str:
    site.homarus.echo("shaped", desired="stopped", labels={"team": "blue"}, goals=["Sell shoes"])
    return "shaped"


def put(site: Site, name: str, **change: Any) -> None:
    """Change a bot as somebody else would."""
    with site.homarus.api() as api:
        bot = api.get(f"/v1/bots/{name}")
        api.put(f"/v1/bots/{name}", {"spec": {**bot["spec"], **change}, "version": bot["version"]})


def spec(site: Site, name: str) -> Any:
    return site.homarus.bot(name)["spec"]


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name)


def review(page: Page) -> Locator:
    page.get_by_role("button", name="Review the change").click()
    return page.get_by_role("region", name="What would change")


def test_a_change_is_seen_before_it_is_applied(site: Site, page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}")
    page.get_by_role("tab", name="Configuration").click()
    expect(page.get_by_role("button", name="Review the change")).to_be_disabled()
    expect(page.get_by_text("Nothing is changed yet.")).to_be_visible()
    field(page, "Who it is").fill("A calm seller.")
    field(page, "Goals").fill("Sell shoes\nBe kind\n")
    field(page, "Labels").fill("team=red\ntier = 1")
    field(page, "Memory in MB").fill("128")
    field(page, "Budget in US dollars").fill("3.50")
    page.get_by_role("checkbox", name="May run commands").check()
    page.get_by_role("combobox", name="Budget is for each").select_option(label="month")
    seen = review(page)
    expect(seen.get_by_role("row", name="Goals").get_by_role("insertion")).to_have_text(
        "Sell shoes\nBe kind"
    )
    expect(seen.get_by_role("row", name="Memory in MB").get_by_role("deletion")).to_have_text("64")
    assert spec(site, bot)["persona"] == ""
    seen.get_by_role("button", name="Go on editing").click()
    expect(field(page, "Labels")).to_have_value("team=red\ntier = 1")
    review(page).get_by_role("button", name="Apply").click()
    expect(page.get_by_text(f"Changed: {bot}")).to_be_visible()
    expect(page.get_by_role("button", name="Review the change")).to_be_disabled()
    made = spec(site, bot)
    assert made["persona"] == "A calm seller."
    assert made["goals"] == ["Sell shoes", "Be kind"]
    assert made["labels"] == {"team": "red", "tier": "1"}
    assert made["tools"]["exec"] == "full"
    assert made["resources"]["memory_mb"] == 128
    assert made["budget"] == {"limit_usd": "3.50", "period": "month"}


def test_the_rest_is_changed_in_the_document(site: Site, page: Page) -> None:
    site.homarus.echo("conf-text", desired="stopped")
    page.goto("/bots/conf-text/configuration")
    page.get_by_text("The whole document").first.click()
    text = field(page, "The whole document")
    text.fill("{")
    expect(page.get_by_text("This is not JSON")).to_be_visible()
    expect(field(page, "Who it is")).to_be_disabled()
    expect(page.get_by_role("button", name="Review the change")).to_be_disabled()
    wanted = {**spec(site, "conf-text"), "settings": {"delay_ms": 5}, "persona": "From the text."}
    text.fill(json.dumps(wanted))
    expect(field(page, "Who it is")).to_have_value("From the text.")
    text.fill(json.dumps({**wanted, "name": "conf-other"}))
    page.get_by_role("button", name="Review the change").click()
    expect(page.get_by_text("A bot keeps its name.")).to_be_visible()
    text.fill(json.dumps(wanted))
    review(page).get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Changed: conf-text")).to_be_visible()
    assert spec(site, "conf-text")["settings"] == {"delay_ms": 5}


def test_what_is_wrong_stands_at_its_field(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/configuration")
    field(page, "Memory in MB").fill("a lot")
    field(page, "Labels").fill("Not A Key=1")
    page.get_by_role("button", name="Review the change").click()
    expect(page.get_by_role("alert")).to_contain_text("What is wrong stands at its field.")
    expect(field(page, "Memory in MB")).to_have_accessible_description(
        "must be a whole number Set aside for it where it runs."
    )
    expect(field(page, "Labels")).to_be_focused()
    field(page, "Memory in MB").fill("64")
    field(page, "Labels").fill("")
    page.get_by_text("The whole document").first.click()
    text = field(page, "The whole document")
    text.fill(text.input_value().replace('"fleet"', '"fleat"'))
    page.get_by_role("button", name="Review the change").click()
    expect(page.get_by_text("fleat: unknown key")).to_be_visible()


def test_who_was_slower_sees_both_and_loses_nothing(site: Site, page: Page) -> None:
    site.homarus.echo("conf-race", desired="stopped", persona="First.", labels={"team": "blue"})
    page.goto("/bots/conf-race/configuration")
    field(page, "Who it is").fill("Mine.")
    put(site, "conf-race", labels={"team": "red"})
    seen = review(page)
    seen.get_by_role("button", name="Apply").click()
    alert = seen.get_by_role("alert")
    expect(alert).to_contain_text("Somebody changed this bot meanwhile")
    expect(seen.get_by_role("button", name="Apply")).to_have_count(0)
    alert.get_by_role("button", name="Load theirs").click()
    expect(field(page, "Who it is")).to_have_value("First.")
    expect(field(page, "Labels")).to_have_value("team=red")
    kept = page.get_by_role("region", name="What you had typed")
    expect(kept.get_by_role("row", name="Who it is").get_by_role("insertion")).to_have_text("Mine.")
    kept.get_by_role("button", name="Put mine in again").click()
    expect(field(page, "Who it is")).to_have_value("Mine.")
    expect(field(page, "Labels")).to_have_value("team=red")
    review(page).get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Changed: conf-race")).to_be_visible()
    made = spec(site, "conf-race")
    assert (made["persona"], made["labels"]) == ("Mine.", {"team": "red"})


@pytest.mark.parametrize(
    ("status", "words"),
    [(500, "Request req-12345"), (403, "You may not see this"), (429, "Too many requests")],
)
def test_a_fault_keeps_what_was_typed(page: Page, bot: str, status: int, words: str) -> None:
    broken = {"title": "It broke.", "request_id": "req-12345"}
    page.goto(f"/bots/{bot}/configuration")
    field(page, "Who it is").fill(f"Before fault {status}.")
    page.route("**/v1/apply", lambda route: route.fulfill(status=status, json=broken))
    page.get_by_role("button", name="Review the change").click()
    expect(page.get_by_role("alert")).to_contain_text(words)
    page.unroute("**/v1/apply")
    seen = review(page)
    page.route(f"**/v1/bots/{bot}", lambda route: route.fulfill(status=status, json=broken))
    page.route("**/v1/bots/bot_*", lambda route: route.fulfill(status=status, json=broken))
    seen.get_by_role("button", name="Apply").click()
    expect(seen.get_by_role("alert")).to_contain_text(words)
    page.unroute_all()
    seen.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(page.get_by_text(f"Changed: {bot}")).to_be_visible()
    expect(field(page, "Who it is")).to_have_value(f"Before fault {status}.")


def test_a_server_that_is_down_in_the_middle(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/configuration")
    field(page, "Who it is").fill("Typed while it was up.")
    page.route("**/v1/apply", lambda route: route.abort())
    page.get_by_role("button", name="Review the change").click()
    expect(page.get_by_role("alert")).to_contain_text("Homarus does not answer")
    expect(field(page, "Who it is")).to_have_value("Typed while it was up.")
    page.unroute("**/v1/apply")
    expect(review(page)).to_contain_text("Typed while it was up.")


def test_leaving_asks_before_typed_words_are_lost(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/configuration")
    field(page, "Goals").fill("Half a thought")
    page.get_by_role("tab", name="Commands").click()
    dialog = page.get_by_role("dialog", name="Leave without applying?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(field(page, "Goals")).to_have_value("Half a thought")
    page.get_by_role("tab", name="Commands").click()
    dialog.get_by_role("button", name="Leave").click()
    page.wait_for_url(lambda url: url.endswith("/commands"))


def test_discarding_shows_the_bot_as_it_is(page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/configuration")
    before = field(page, "Goals").input_value()
    field(page, "Goals").fill("Something else")
    page.get_by_role("button", name="Discard what I typed").click()
    expect(field(page, "Goals")).to_have_value(before)


def test_a_session_that_ended_leads_to_the_login_and_back(site: Site, page: Page, bot: str) -> None:
    page.goto(f"/bots/{bot}/configuration")
    expect(field(page, "Goals")).to_be_visible()
    page.context.clear_cookies()
    page.reload()
    page.wait_for_url(lambda url: "/login" in url)
    site.return_to(page)
    page.wait_for_url(lambda url: url.endswith("/configuration"))
    expect(field(page, "Goals")).to_be_visible()


def test_a_viewer_reads_it_without_buttons(site: Site, bot: str) -> None:
    site.homarus.cli("user", "create", "viewer@x.example", "--role", "viewer")
    context = site.context()
    page = site.log_in(context, email="viewer@x.example")
    page.goto(f"/bots/{bot}/configuration")
    shown = page.get_by_role("table", name="Configuration")
    expect(shown.get_by_role("row", name="Model")).to_contain_text("demo")
    main = page.get_by_role("main")
    expect(main.get_by_role("textbox")).to_have_count(0)
    expect(main.get_by_role("button")).to_have_count(0)
    context.close()
