"""One's own tokens in the console: made, shown once, revoked."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from homarus.core.scopes import SCOPES, Role, scopes_of
from homarus.testing.browsing import Site, lose_answers


def me(site: Site, token: str) -> int:
    """The status that the API answers this token with."""
    ask = Request(f"{site.url}/v1/me", headers={"authorization": f"Bearer {token}"})
    try:
        with urlopen(ask, timeout=20) as answer:
            return int(answer.status)
    except HTTPError as refused:
        refused.close()
        return refused.code


def test_a_token_is_made_shown_once_and_revoked(site: Site, page: Page) -> None:
    page.goto("/settings/tokens")
    page.get_by_role("button", name="Make a token").click()
    form = page.get_by_role("dialog", name="Make a token")
    form.get_by_role("textbox", name="Name").fill("backup")
    form.get_by_role("combobox", name="What it may do").select_option(label="Only what I choose")
    make = form.get_by_role("button", name="Make it")
    expect(make).to_be_disabled()
    expect(make).to_have_accessible_description("Choose at least one thing that it may do.")
    for words in SCOPES.values():
        expect(form.get_by_role("checkbox", name=words, exact=True)).to_be_visible()
    expect(form.get_by_role("checkbox")).to_have_count(len(SCOPES))
    form.get_by_role("checkbox", name="see the workspace").check()
    form.get_by_role("combobox", name="Expires after").select_option(label="a week")
    make.click()

    shown = page.get_by_role("dialog", name="The token backup")
    secret = shown.locator(".mono").inner_text()
    assert secret.startswith("hom_")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    shown.get_by_role("button", name="Done").click()
    line = page.get_by_role("table", name="Tokens").get_by_role("row").filter(has_text="backup")
    expect(line).to_contain_text("1 thing")
    assert secret not in page.content()
    assert me(site, secret) == 200

    page.get_by_role("button", name="Revoke backup").click()
    question = page.get_by_role("dialog", name="Revoke the token backup?")
    expect(question).to_contain_text("Every program that uses it is refused at once.")
    question.get_by_role("button", name="Revoke").click()
    expect(line.get_by_text("Revoked")).to_be_visible()
    expect(line.get_by_role("button")).to_have_count(0)
    assert me(site, secret) == 401


def test_who_holds_less_can_give_no_more(site: Site) -> None:
    site.homarus.cli("user", "create", "look@x.example", "--role", "viewer")
    page = site.log_in(site.context(), email="look@x.example")
    page.goto("/settings/tokens")
    expect(page.get_by_role("heading", name="No tokens")).to_be_visible()
    page.get_by_role("button", name="Make a token").click()
    form = page.get_by_role("dialog", name="Make a token")
    form.get_by_role("combobox", name="What it may do").select_option(label="Only what I choose")
    expect(form.get_by_role("checkbox")).to_have_count(len(scopes_of(Role.VIEWER, fleet=False)))
    page.context.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "You may not"), (409, "It broke."), (429, "Too many requests"), (500, "req-12345")],
)
def test_one_that_cannot_be_made_keeps_what_was_typed(page: Page, status: int, words: str) -> None:
    page.goto("/settings/tokens")
    page.get_by_role("button", name="Make a token").click()
    form = page.get_by_role("dialog", name="Make a token")
    form.get_by_role("textbox", name="Name").fill("typed")
    broken = {"title": "It broke.", "request_id": "req-12345"}
    page.route(
        "**/v1/tokens",
        lambda route: route.fulfill(status=status, json=broken),
    )
    form.get_by_role("button", name="Make it").click()
    expect(form.get_by_role("alert")).to_contain_text(words)
    expect(form.get_by_role("textbox", name="Name")).to_have_value("typed")


def test_a_session_that_ends_over_a_form_leads_to_the_login(page: Page) -> None:
    page.goto("/settings/tokens")
    page.get_by_role("button", name="Make a token").click()
    form = page.get_by_role("dialog", name="Make a token")
    form.get_by_role("textbox", name="Name").fill("late")
    page.context.clear_cookies()
    form.get_by_role("button", name="Make it").click()
    page.wait_for_url(lambda url: "/login" in url)
    expect(page.get_by_text("Your session ended.")).to_be_visible()


def test_a_token_whose_answer_is_lost_is_made_once_and_says_so(page: Page) -> None:
    page.goto("/settings/tokens")
    page.get_by_role("button", name="Make a token").click()
    form = page.get_by_role("dialog", name="Make a token")
    form.get_by_role("textbox", name="Name").fill("lost one")
    lose_answers(page, "**/v1/tokens")
    form.get_by_role("button", name="Make it").click()
    expect(form.get_by_role("alert")).to_contain_text("Homarus does not answer")
    page.unroute("**/v1/tokens")
    form.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("its value was lost on the way")).to_be_visible()
    expect(form).to_have_count(0)
    row = page.get_by_role("table", name="Tokens").get_by_role("row").filter(has_text="lost one")
    expect(row).to_have_count(1)
