"""Every page of the console under axe, with something to show, light and dark."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from homarus.testing.browsing import Site, addresses, settled

STEPS = re.search(
    r"STEPS = \[(.*?)\]",
    (Path(__file__).parents[2] / "dashboard/src/util/search.ts").read_text(),
)
SHOWS = {
    "overview": "No bot needs you.",
    "bots": "axe-bot",
    "bot": "team=blue",
    "botChat": "Answered",
    "botCalls": "Done",
    "botLogs": "echo serves",
    "botCommands": "bot.create",
    "botRevisions": "Difference",
    "botConfiguration": "Nothing is changed yet.",
    "calls": "axe-bot",
    "audit": "bot.create",
    "doctor": "Examine again",
    "settings": "Account",
    "users": "axe@x.example",
    "tokens": "axe-token",
    "providers": "demo-1",
    "secrets": "AXE_SECRET",
    "about": "Budget of the workspace",
}
"""What is there once a page is; one that is not named is looked at when it has settled."""


def opened(button: str) -> Callable[[Page], None]:
    """Press ``button`` and wait for its dialog."""

    def press(page: Page) -> None:
        page.get_by_role("button", name=button).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()

    return press


def chosen(menu: str, entry: str) -> Callable[[Page], None]:
    """Open a menu, choose from it and wait for the dialog."""

    def press(page: Page) -> None:
        page.get_by_role("button", name=menu).click()
        page.get_by_role("menuitem", name=entry).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.get_by_role("menu")).to_have_count(0)

    return press


def choosing(page: Page) -> None:
    """The form of a token with everything that can be chosen."""
    opened("Make a token")(page)
    page.get_by_role("combobox", name="What it may do").select_option(label="Only what I choose")
    expect(page.get_by_role("checkbox").first).to_be_visible()


def refused(page: Page) -> None:
    """The form of a provider that does not answer."""
    opened("Add a provider")(page)
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Name").fill("dead")
    form.get_by_role("textbox", name="Address").fill("http://127.0.0.1:9/v1")
    form.get_by_role("button", name="Test and add").click()
    expect(form.get_by_role("button", name="Add it anyway")).to_be_visible()


def priced(page: Page) -> None:
    """The form of a model name with a price of its own."""
    opened("Change demo")(page)
    page.get_by_role("checkbox", name="A price of my own").check()


def impossible(page: Page) -> None:
    """A name of a secret that its rule forbids."""
    page.get_by_label("Name").fill("my key")
    expect(page.get_by_text("Such a name is not possible")).to_be_visible()


DIALOGS: list[tuple[str, Callable[[Page], None]]] = [
    ("users", opened("Invite somebody")),
    ("users", chosen("Actions for axe", "Change roles")),
    ("users", chosen("Actions for axe", "New login link")),
    ("users", chosen("Actions for axe", "Remove")),
    ("tokens", choosing),
    ("tokens", opened("Revoke axe-token")),
    ("providers", refused),
    ("providers", priced),
    ("providers", chosen("Actions for demo", "Delete")),
    ("secrets", impossible),
    ("audit", opened("Show bot.create")),
]


@pytest.fixture(scope="module")
def paths(site: Site) -> dict[str, str]:
    """The addresses of an installation with something on every page."""
    ours = site.homarus
    ours.echo("axe-bot", labels={"team": "blue"})
    ours.cli("bot", "chat", "axe-bot", "demo:say Hello.")
    ours.cli("user", "create", "axe@x.example", "--role", "viewer", "--name", "axe")
    with ours.api() as api:
        api.put("/v1/secrets/AXE_SECRET", {"value": "nobody sees this"})
        api.post("/v1/tokens", {"name": "axe-token"})
        edited = api.get("/v1/bots/axe-bot")
        spec = {**edited["spec"], "labels": {"team": "blue", "size": "s"}}
        api.put("/v1/bots/axe-bot", {"version": edited["version"], "spec": spec})
    found = addresses(bot="axe-bot", call=ours.json("calls")[0]["id"])
    assert STEPS is not None
    for step in re.findall(r"\"(\w+)\"", STEPS[1]):
        found[f"wizard {step}"] = f"{found['wizard']}?step={step}"
    return found


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds on the page as it is now."""
    return [
        (one["id"], [node["html"][:120] for node in one["nodes"]][:3])
        for one in Axe().run(page).response["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(site: Site, paths: dict[str, str], scheme: str) -> None:
    page = site.log_in(site.context(color_scheme=scheme, reduced_motion="reduce"))
    found = {}
    for name, path in paths.items():
        if name == "login":
            continue
        page.goto(path)
        settled(page)
        if name in SHOWS:
            expect(page.get_by_text(SHOWS[name]).filter(visible=True).first).to_be_visible()
        if wrong := violations(page):
            found[name] = wrong
    page.context.clear_cookies()
    page.goto(paths["login"])
    settled(page)
    if wrong := violations(page):
        found["login"] = wrong
    page.context.close()
    assert found == {}, json.dumps(found, indent=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_dialog(site: Site, paths: dict[str, str], scheme: str) -> None:
    page = site.log_in(site.context(color_scheme=scheme, reduced_motion="reduce"))
    found = {}
    for number, (name, open_it) in enumerate(DIALOGS):
        page.goto(paths[name])
        settled(page)
        open_it(page)
        if wrong := violations(page):
            found[f"{number} {name}"] = wrong
    page.context.close()
    assert found == {}, json.dumps(found, indent=1)


@pytest.mark.parametrize("name", ["users", "tokens", "providers", "secrets", "about", "audit"])
def test_nothing_is_wider_than_a_small_phone(site: Site, paths: dict[str, str], name: str) -> None:
    page = site.log_in(site.context(viewport={"width": 360, "height": 740}))
    page.goto(paths[name])
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.context.close()


def test_every_page_has_a_title_of_its_own(site: Site, paths: dict[str, str]) -> None:
    page = site.log_in(site.context())
    titles: dict[str, str] = {}
    for name in addresses(bot="", call=""):
        if name == "login":
            page.context.clear_cookies()
        page.goto(paths[name])
        settled(page)
        head = page.get_by_role("heading", level=1).inner_text()
        expect(page).to_have_title(re.compile(rf"{re.escape(head)} · Homarus$"))
        titles[name] = page.title()
        if name == "login":
            page = site.log_in(page.context)
    assert len(set(titles.values())) == len(titles), titles
    page.context.close()


def test_the_menu_of_a_phone_takes_the_focus_only_while_it_is_open(
    site: Site, paths: dict[str, str]
) -> None:
    page = site.log_in(site.context(viewport={"width": 360, "height": 740}))
    page.goto(paths["overview"])
    settled(page)
    menu, bots = page.get_by_role("button", name="Menu"), page.locator("nav a[href='/bots']")
    expect(menu).to_have_attribute("aria-expanded", "false")
    bots.focus()
    expect(bots).not_to_be_focused()
    menu.click()
    expect(menu).to_have_attribute("aria-expanded", "true")
    bots.focus()
    expect(bots).to_be_focused()
    bots.press("Enter")
    page.wait_for_url("**/bots")
    expect(menu).to_have_attribute("aria-expanded", "false")
    page.context.close()
