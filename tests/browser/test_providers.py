"""Providers and model names in the console: tested, added, and what goes with them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route, expect

from homarus.testing.browsing import Site, lose_answers

KEY = "sk-nobody-sees-this"


def problem(status: int) -> Callable[[Route], None]:
    """Answer so, with a number to tell it by."""
    return lambda route: route.fulfill(
        status=status, json={"title": "It broke.", "request_id": "req-12345"}
    )


def demo(site: Site) -> str:
    """A model server that answers: the demo, spoken to as if it were somebody's own."""
    return f"http://127.0.0.1:{site.homarus.ports[2]}"


def open_add(page: Page, name: str, address: str, key: str = KEY) -> Locator:
    page.goto("/settings/providers")
    page.get_by_role("button", name="Add a provider").click()
    form = page.get_by_role("dialog", name="Add a provider")
    form.get_by_role("textbox", name="Name").fill(name)
    form.get_by_role("textbox", name="Address").fill(address)
    form.get_by_role("textbox", name="API key").fill(key)
    return form


def choose(page: Page, name: str, action: str) -> None:
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=action).click()


def test_a_provider_is_tested_added_named_and_deleted(site: Site, page: Page) -> None:
    open_add(page, "own", demo(site)).get_by_role("button", name="Test and add").click()
    route = page.get_by_role("dialog", name="Add a model name")
    expect(route.get_by_role("combobox", name="Provider")).to_have_value("own")
    expect(route.get_by_text("Type, or choose one of the")).to_be_visible()
    route.get_by_role("combobox", name="Model", exact=True).fill("demo-1")
    route.get_by_role("textbox", name="Model name").fill("own-model")
    route.get_by_role("button", name="Save").click()
    expect(route).to_have_count(0)
    names = page.get_by_role("table", name="Model names")
    line = names.get_by_role("row").filter(has_text="own-model")
    expect(line.get_by_role("cell").nth(1)).to_have_text("own")
    expect(line.get_by_text("unpriced")).to_be_visible()
    own = page.get_by_role("table", name="Providers").get_by_role("row").filter(has_text="OpenAI")
    expect(own.get_by_text("sealed")).to_be_visible()
    assert KEY not in page.content()

    site.homarus.echo("thinker", desired="stopped", model="own-model")
    choose(page, "own", "Delete")
    question = page.get_by_role("dialog", name="Delete the provider own?")
    expect(question).to_contain_text("Its key is gone for good.")
    expect(question).to_contain_text("These bots use it and can no longer think: thinker.")
    yes = question.get_by_role("button", name="Delete")
    expect(yes).to_be_disabled()
    question.get_by_label("Type own to confirm").fill("own")
    yes.click()
    expect(question).to_have_count(0)
    expect(line).to_have_count(0)
    assert [one["name"] for one in site.homarus.json("provider", "list")] == ["demo"]


def test_one_that_refuses_says_why_and_is_added_only_anyway(site: Site, page: Page) -> None:
    form = open_add(page, "dead", "http://127.0.0.1:9/v1")
    form.get_by_role("button", name="Test and add").click()
    verdict = form.get_by_role("status")
    expect(verdict).to_contain_text("127.0.0.1:9 does not answer as expected")
    expect(verdict).to_contain_text("Check the base URL and the network.")
    assert "dead" not in [one["name"] for one in site.homarus.json("provider", "list")]
    form.get_by_role("button", name="Add it anyway").click()
    expect(form).to_have_count(0)
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()

    choose(page, "dead", "Check it now")
    expect(page.get_by_role("status")).to_contain_text("does not answer")

    choose(page, "dead", "Change key or address")
    change = page.get_by_role("dialog", name="Change dead")
    expect(change.get_by_role("textbox", name="API key")).to_have_value("")
    change.get_by_role("textbox", name="Address").fill(demo(site))
    change.get_by_role("button", name="Save").click()
    expect(change).to_have_count(0)
    choose(page, "dead", "Check it now")
    expect(page.get_by_role("status")).to_contain_text("takes this key")

    choose(page, "dead", "Change key or address")
    change.get_by_role("checkbox", name="It needs no key any more").check()
    change.get_by_role("button", name="Save").click()
    expect(change).to_have_count(0)
    assert site.homarus.json("provider", "get", "dead")["has_key"] is False
    site.homarus.cli("provider", "remove", "dead")


def test_what_the_server_refuses_stays_in_the_form(site: Site, page: Page) -> None:
    form = open_add(page, "demo", demo(site))
    form.get_by_role("button", name="Test and add").click()
    expect(form.get_by_role("alert")).to_contain_text("There is a provider demo already.")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("demo")
    form.get_by_role("textbox", name="Name").fill("Not A Name")
    form.get_by_role("button", name="Test and add").click()
    expect(form.get_by_role("alert")).to_contain_text("name")
    for status, words in [(403, "You may not"), (429, "Too many requests"), (500, "It broke.")]:
        page.route("**/v1/providers/test", problem(status))
        form.get_by_role("button", name="Test and add").click()
        expect(form.get_by_role("alert")).to_contain_text(words)
        expect(form.get_by_role("alert")).to_contain_text("req-12345")
        page.unroute("**/v1/providers/test")


def test_a_model_name_gets_a_price_of_its_own(site: Site, page: Page) -> None:
    with site.homarus.api() as api:
        api.put("/v1/routes", {"name": "dear", "provider": "demo", "model": "demo-1"})
    page.goto("/settings/providers")
    page.get_by_role("button", name="Change dear").click()
    form = page.get_by_role("dialog", name="Change dear")
    expect(form.get_by_role("textbox", name="Model name")).not_to_be_editable()
    form.get_by_role("checkbox", name="A price of my own").check()
    prices = {"Input": "3", "Output": "15.5", "Input read from cache": "0.3"}
    for label, price in prices.items():
        form.get_by_role("textbox", name=label, exact=True).fill(price)
    form.get_by_role("textbox", name="Input written to cache").fill("a lot")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("cache_write")
    form.get_by_role("textbox", name="Input written to cache").fill("3.75")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    line = page.get_by_role("table", name="Model names").get_by_role("row").filter(has_text="dear")
    expect(line).to_contain_text("$3.00 / $15.50")
    page.get_by_role("button", name="Change dear").click()
    expect(form.get_by_role("textbox", name="Output")).to_have_value("15.5")


def test_names_that_cannot_be_read_leave_the_providers(page: Page) -> None:
    page.route("**/v1/routes?*", problem(500))
    page.goto("/settings/providers")
    expect(page.get_by_role("table", name="Providers")).to_contain_text("demo")
    names = page.locator("section").filter(has=page.get_by_role("heading", name="Model names"))
    expect(names.get_by_role("alert")).to_contain_text("Request req-12345")
    page.unroute("**/v1/routes?*")
    names.get_by_role("button", name="Try again").click()
    expect(names.get_by_role("table")).to_contain_text("demo")


def test_a_deletion_whose_losses_are_unknown_is_not_offered(page: Page) -> None:
    page.goto("/settings/providers")
    expect(page.get_by_role("table", name="Model names")).to_be_visible()
    page.route("**/v1/bots?*", problem(500))
    choose(page, "demo", "Delete")
    expect(page.get_by_role("alert")).to_contain_text("req-12345")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_provider_whose_answer_is_lost_is_added_once(site: Site, page: Page) -> None:
    form = open_add(page, "lost", demo(site))
    lose_answers(page, "**/v1/providers")
    form.get_by_role("button", name="Test and add").click()
    expect(form.get_by_role("alert")).to_contain_text("Homarus does not answer")
    page.unroute("**/v1/providers")
    form.get_by_role("button", name="Test and add").click()
    expect(form).to_have_count(0)
    rows = page.get_by_role("table", name="Providers").get_by_role("row")
    expect(rows.filter(has_text="lost")).to_have_count(1)
