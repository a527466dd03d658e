"""The page of one bot: its calls, what can be asked of it, and what is drawn when it fails."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from homarus.testing.browsing import Site


def test_a_bot_is_stopped_and_deleted_from_its_page(site: Site, page: Page) -> None:
    site.homarus.echo("leaf-ant")
    site.homarus.cli("bot", "chat", "leaf-ant", "demo:say Hello.")
    page.goto("/bots/leaf-ant/calls")
    expect(page.get_by_role("heading", name="leaf-ant", level=1)).to_be_visible()
    expect(page.get_by_role("table", name="Calls").get_by_role("row")).to_have_count(2)

    page.get_by_role("button", name="Actions").click()
    expect(page.get_by_role("menuitem", name="Start It is meant to run")).to_be_disabled()
    page.get_by_role("menuitem", name="Stop").click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()

    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_label("Type leaf-ant to confirm").fill("leaf-ant")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_be_hidden()


def test_a_fault_shows_its_number_and_can_be_tried_again(site: Site, page: Page) -> None:
    site.homarus.echo("leaf-bee", desired="stopped")
    broken = {"title": "It broke.", "request_id": "req-12345", "hint": "", "detail": ""}
    page.route("**/v1/bots/leaf-bee", lambda route: route.fulfill(status=500, json=broken))
    page.goto("/bots/leaf-bee/calls")
    expect(page.get_by_text("Request req-12345")).to_be_visible()
    page.unroute("**/v1/bots/leaf-bee")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="No calls yet")).to_be_visible()
