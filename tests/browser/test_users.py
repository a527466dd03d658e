"""People in the console: invited, given roles, let in again and removed."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from homarus.testing.browsing import Site, lose_answers


def choose(page: Page, name: str, action: str) -> None:
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=action).click()


def line(page: Page, name: str) -> Locator:
    return page.get_by_role("table", name="People").get_by_role("row").filter(has_text=name)


def pick(form: Locator, which: int, role: str) -> None:
    form.get_by_role("combobox", name="Role").nth(which).select_option(value=role.lower())


def test_somebody_is_invited_comes_in_and_is_removed(site: Site, page: Page) -> None:
    page.goto("/settings/users")
    page.get_by_role("button", name="Invite somebody").click()
    form = page.get_by_role("dialog", name="Invite somebody")
    expect(form.get_by_role("textbox", name="Name")).to_be_focused()
    page.keyboard.type("Ann Miller")
    form.get_by_role("textbox", name="E-mail").fill("ann@x.example")
    pick(form, 0, "Operator")
    form.get_by_role("button", name="Add a role").click()
    form.get_by_role("textbox", name="Where").nth(1).fill("lab")
    form.get_by_role("button", name="Invite", exact=True).click()

    shown = page.get_by_role("dialog", name="Login link for Ann Miller")
    link = shown.locator(".mono").inner_text()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == link
    shown.get_by_role("button", name="Done").click()
    assert link.partition("#")[2] not in page.content()
    expect(line(page, "Ann Miller")).to_contain_text("Operator")
    expect(line(page, "Ann Miller")).to_contain_text("Viewer on lab")

    theirs = site.context().new_page()
    theirs.goto(link)
    theirs.wait_for_url(lambda url: "/login" not in url)
    theirs.goto("/settings")
    expect(theirs.get_by_text("ann@x.example")).to_be_visible()

    choose(page, "Ann Miller", "Remove")
    question = page.get_by_role("dialog", name="Remove Ann Miller?")
    expect(question).to_contain_text("they are logged out at once", ignore_case=True)
    question.get_by_label("Type ann@x.example to confirm").fill("ann@x.example")
    question.get_by_role("button", name="Remove").click()
    expect(line(page, "Ann Miller")).to_have_count(0)
    theirs.reload()
    theirs.wait_for_url(lambda url: "/login" in url)
    theirs.context.close()


def test_roles_change_and_a_new_link_is_made(site: Site, page: Page) -> None:
    site.homarus.cli("user", "create", "bob@x.example", "--role", "viewer", "--name", "Bob")
    page.goto("/settings/users")
    choose(page, "Bob", "Change roles")
    form = page.get_by_role("dialog", name="Roles of Bob")
    form.get_by_role("button", name="Take role 1 away").click()
    form.get_by_role("button", name="Add a role").click()
    pick(form, 0, "Operator")
    form.get_by_role("textbox", name="Where").fill("lab")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    expect(line(page, "Bob")).to_contain_text("Operator on lab")
    grants = site.homarus.json("user", "get", "bob@x.example")["grants"]
    assert grants == [{"role": "operator", "fleet": "lab"}]

    choose(page, "Bob", "New login link")
    shown = page.get_by_role("dialog", name="Login link for Bob")
    expect(shown).to_contain_text(f"{site.url}/login#")
    page.keyboard.press("Escape")
    expect(shown.get_by_role("button", name="Close")).to_have_count(0)
    expect(shown).to_be_visible()
    shown.get_by_role("button", name="Done").click()
    expect(shown).to_have_count(0)


def test_the_last_owner_can_be_neither_removed_nor_made_less(page: Page) -> None:
    page.goto("/settings/users")
    choose(page, "Owner", "Remove")
    question = page.get_by_role("dialog", name="Remove Owner?")
    question.get_by_label("Type owner@localhost to confirm").fill("owner@localhost")
    question.get_by_role("button", name="Remove").click()
    expect(question.get_by_role("alert")).to_contain_text("last owner of the workspace")
    question.get_by_role("button", name="Cancel").click()

    choose(page, "Owner", "Change roles")
    form = page.get_by_role("dialog", name="Roles of Owner")
    pick(form, 0, "Viewer")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("last owner of the workspace")


def test_an_admin_hands_out_no_more_than_they_hold(site: Site) -> None:
    site.homarus.cli("user", "create", "adm@x.example", "--role", "admin")
    page = site.log_in(site.context(), email="adm@x.example")
    page.goto("/settings/users")
    page.get_by_role("button", name="Invite somebody").click()
    form = page.get_by_role("dialog", name="Invite somebody")
    form.get_by_role("textbox", name="Name").fill("Too Much")
    form.get_by_role("textbox", name="E-mail").fill("much@x.example")
    pick(form, 0, "Owner")
    form.get_by_role("button", name="Invite", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("You may not see this or do this")
    expect(form.get_by_role("alert")).to_contain_text("The role owner holds more than you do.")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Too Much")
    form.get_by_role("textbox", name="E-mail").fill("owner@localhost")
    pick(form, 0, "Viewer")
    form.get_by_role("button", name="Invite", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("There is a user owner@localhost already.")
    form.get_by_role("button", name="Cancel").click()
    choose(page, "Owner", "New login link")
    expect(page.get_by_role("alert")).to_contain_text("holds more than you do")
    page.context.close()


def test_an_auditor_sees_people_and_no_action(site: Site) -> None:
    site.homarus.cli("user", "create", "aud@x.example", "--role", "auditor")
    page = site.log_in(site.context(), email="aud@x.example")
    page.goto("/settings/users")
    expect(line(page, "owner@localhost")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    page.context.close()


def test_somebody_invited_without_an_answer_is_invited_once(page: Page) -> None:
    page.goto("/settings/users")
    page.get_by_role("button", name="Invite somebody").click()
    form = page.get_by_role("dialog", name="Invite somebody")
    form.get_by_role("textbox", name="Name").fill("Lost Lea")
    form.get_by_role("textbox", name="E-mail").fill("lea@x.example")
    lose_answers(page, "**/v1/users")
    form.get_by_role("button", name="Invite", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("Homarus does not answer")
    page.unroute("**/v1/users")
    form.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("dialog", name="Login link for Lost Lea")).to_be_visible()
