"""The wizard, from nothing to an answer: counted, by keyboard alone, left and resumed."""

from __future__ import annotations

import re
import sys
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from homarus.testing.browsing import Site
from homarus.testing.wizard import Walk, on_its_way, tab_to


def test_from_nothing_to_an_answer_in_few_fields_and_clicks(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    walk = Walk(page)
    walk.click("link", "New bot")
    walk.click("radio", "Researcher")
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("researcher")
    walk.to_review("story-bee")
    plan = page.get_by_role("table", name="What would change of story-bee")
    expect(plan.get_by_role("row", name="Who it is")).to_contain_text("careful researcher")
    with on_its_way(page, "story-bee"):
        walk.click("button", "Make the bot")
        expect(page.get_by_role("list", name="What happens")).to_contain_text("supervisor")
    expect(page.get_by_role("heading", name="story-bee runs")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    walk.say("The lobster is awake.")
    took = time.monotonic() - begun
    with capsys.disabled():
        sys.stdout.write(
            f"\nwizard: {walk.fields} fields, {walk.clicks} clicks, {took:.1f} s to the answer\n"
        )
    assert walk.fields <= 8
    assert walk.clicks <= 12
    page.goto("/bots/story-bee")
    expect(page.get_by_role("heading", name="story-bee")).to_be_visible()


def test_by_keyboard_alone(page: Page) -> None:
    keys = page.keyboard
    page.goto("/bots")
    tab_to(page.get_by_role("link", name="New bot"))
    keys.press("Enter")
    expect(page.get_by_role("heading", name="What is it for?")).to_be_focused()
    tab_to(page.get_by_role("radio", name="General assistant"))
    keys.press("ArrowDown")
    expect(page.get_by_role("radio", name="Researcher")).to_be_checked()
    tab_to(page.get_by_role("textbox", name="Name", exact=True))
    keys.press("Control+A")
    keys.type("keys-bee")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Which model does it think with?")).to_be_focused()
    tab_to(page.get_by_role("button", name="Next"))
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Where does it run?")).to_be_focused()
    tab_to(page.get_by_role("radio", name="OpenClaw"))
    keys.press("ArrowDown")
    expect(page.get_by_role("radio", name="echo")).to_be_checked()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Is this right?")).to_be_focused()
    expect(page.get_by_text("keys-bee will be made.")).to_be_visible()
    tab_to(page.get_by_role("button", name="Make the bot"))
    keys.press("Enter")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    keys.type("demo:say By keys.")
    keys.press("Enter")
    expect(page.get_by_text("By keys.", exact=True)).to_be_visible()


def test_it_goes_on_after_a_reload_and_after_closing(site: Site, page: Page) -> None:
    page.goto("/new")
    page.get_by_role("textbox", name="Who it is").fill("You are left alone.")
    Walk(page).purpose("left-bee")
    expect(page.get_by_role("radio", name="demo", exact=True)).to_be_checked()
    page.go_back()
    expect(page.get_by_role("heading", name="What is it for?")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("radio", name="demo", exact=True)).to_be_checked()
    page.reload()
    expect(page.get_by_role("heading", name="Which model does it think with?")).to_be_visible()
    context = page.context
    page.close()
    again = context.new_page()
    again.goto("/new")
    expect(again.get_by_role("heading", name="Which model does it think with?")).to_be_visible()
    again.get_by_role("link", name="Purpose").click()
    expect(again.get_by_role("textbox", name="Name", exact=True)).to_have_value("left-bee")
    expect(again.get_by_role("textbox", name="Who it is")).to_have_value("You are left alone.")
    again.get_by_role("button", name="Start over").click()
    dialog = again.get_by_role("dialog", name="Start over?")
    expect(dialog).to_contain_text("What you have entered here is forgotten.")
    dialog.get_by_role("button", name="Start over").click()
    expect(again.get_by_role("textbox", name="Name", exact=True)).to_have_value("assistant")
    expect(dialog).to_have_count(0)
    assert context.storage_state()["origins"] == [] or "left-bee" not in str(
        context.storage_state()["origins"]
    )


def test_the_way_of_a_bot_is_found_again_by_its_address(page: Page) -> None:
    page.goto("/new")
    walk = Walk(page)
    walk.to_review("address-bee")
    walk.click("button", "Make the bot")
    page.wait_for_url("**/new?bot=address-bee")
    page.goto("/calls")
    page.goto("/new?bot=address-bee")
    expect(page.get_by_role("heading", name="address-bee runs")).to_be_visible()
    page.get_by_role("link", name="Make another bot").click()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("assistant")


def test_names_are_checked_while_one_types(site: Site, page: Page) -> None:
    for name in ("taken-bee", "coder"):
        site.homarus.echo(name, desired="stopped")
    page.goto("/new")
    name = page.get_by_role("textbox", name="Name", exact=True)
    next_ = page.get_by_role("button", name="Next")
    name.fill("Not Valid")
    expect(page.get_by_text("Use lower-case letters, digits and hyphens, at")).to_be_visible()
    expect(next_).to_be_disabled()
    name.fill("summary")  # a page of the API itself
    expect(page.get_by_text("There is a bot of this name.")).to_be_visible()
    name.fill("taken-bee")
    expect(page.get_by_text("There is a bot of this name.")).to_be_visible()
    expect(next_).to_be_disabled()
    name.fill("free-bee")
    expect(next_).to_be_enabled()
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    page.get_by_role("radio", name="Coder").check()
    expect(name).to_have_value("coder-2")


def test_own_words_are_not_replaced_unasked(page: Page) -> None:
    page.goto("/new")
    who = page.get_by_role("textbox", name="Who it is")
    who.fill("My own words.")
    page.get_by_role("radio", name="Coder").click()
    dialog = page.get_by_role("dialog", name="Replace what you wrote?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(who).to_have_value("My own words.")
    page.get_by_role("radio", name="Coder").click()
    dialog.get_by_role("button", name="Replace").click()
    expect(who).to_have_value(re.compile("software engineer"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_step_is_for_everybody_and_fits_a_phone(site: Site, scheme: str) -> None:
    screen = {"width": 360, "height": 780}
    look = {"color_scheme": scheme, "reduced_motion": "reduce", "viewport": screen}
    page = site.log_in(site.context(**look))

    def examine(where: str) -> None:
        found = Axe().run(page).response["violations"]
        assert found == [], (where, [(one["id"], one["nodes"][0]["html"][:200]) for one in found])
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= screen["width"], f"{where} is {wide} wide"

    page.goto("/new")
    name = page.get_by_role("textbox", name="Name", exact=True)
    name.fill("Wrong Name")
    expect(page.get_by_text("begin and end with a letter")).to_be_visible()
    examine("purpose")
    walk = Walk(page)
    walk.purpose(f"axe-{scheme}")
    walk.click("radio", "Another model")
    expect(page.get_by_text("Looking for model servers")).to_have_count(0)
    walk.click("radio", "Another provider")
    examine("model")
    walk.click("radio", "demo")
    walk.click("button", "Next")
    expect(page.get_by_role("radio", name="OpenClaw")).to_be_visible()
    examine("place")
    walk.click("radio", "echo")
    walk.click("button", "Next")
    expect(page.get_by_role("table")).to_be_visible()
    examine("review")
    page.route("**/v1/apply", lambda route: route.fulfill(status=500, json={"title": "Broken."}))
    page.reload()
    expect(page.get_by_role("alert")).to_be_visible()
    examine("a refused review")
    page.unroute("**/v1/apply")
    page.get_by_role("button", name="Try again").click()
    walk.click("button", "Make the bot")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    examine("the chat")
    page.context.close()


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("operator", True)])
def test_who_may_not_sees_no_way(site: Site, role: str, may: bool) -> None:
    site.homarus.cli("user", "create", f"{role}@x.example", "--role", role)
    page = site.log_in(site.context(), email=f"{role}@x.example")
    page.goto("/bots")
    expect(page.get_by_role("heading", name="Bots", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="New bot")).to_have_count(1 if may else 0)
    page.goto("/new")
    if may:
        walk = Walk(page)
        walk.purpose("operator-bee")
        expect(page.get_by_role("radio", name="Another model")).to_have_count(0)
        walk.click("button", "Next")
        expect(page.get_by_role("radio", name="In a sandbox")).to_be_checked()
        expect(page.get_by_role("radio", name="Without a sandbox")).to_have_count(0)
    else:
        expect(page.get_by_role("heading", name="You may not make bots")).to_be_visible()
    page.context.close()


def test_an_operator_of_a_fleet_makes_bots_in_it(site: Site) -> None:
    site.homarus.cli("user", "create", "shop@x.example", "--role", "operator@shop")
    page = site.log_in(site.context(), email="shop@x.example")
    page.goto("/new")
    walk = Walk(page)
    walk.fill("Name", "shop-bee")
    walk.click("button", "Next")
    # A grant on a fleet does not show the models of the workspace.
    expect(page.get_by_role("textbox", name="Model")).to_have_value("demo")
    walk.click("button", "Next")
    walk.click("radio", "echo")
    walk.click("button", "Next")
    expect(page.get_by_role("row", name="Fleet")).to_contain_text("shop")
    walk.click("button", "Make the bot")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    walk.say("Hello from the shop.")
    page.context.close()
