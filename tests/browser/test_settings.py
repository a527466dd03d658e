"""Settings in the console: secrets set and deleted, one's own account, and what a viewer sees."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from homarus.testing.browsing import Site


def test_a_secret_is_set_replaced_and_deleted(page: Page) -> None:
    page.goto("/settings/secrets")
    expect(page.get_by_role("heading", name="No secrets yet")).to_be_visible()
    for _ in range(2):
        page.get_by_label("Name").fill("SHOP_KEY")
        page.get_by_role("textbox", name="Value").fill("a-value")
        page.get_by_role("button", name="Set a secret").click()
        expect(page.get_by_label("Name")).to_have_value("")
    row = page.get_by_role("table", name="Secrets").get_by_role("row").nth(1)
    expect(row.get_by_text("2", exact=True)).to_be_visible()

    page.get_by_role("button", name="Delete SHOP_KEY").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type SHOP_KEY to confirm").fill("SHOP_KEY")
    in_use = {"title": "The secret is in use.", "detail": "seller", "request_id": "req-1"}
    page.route("**/v1/secrets/SHOP_KEY", lambda route: route.fulfill(status=409, json=in_use))
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("seller")
    page.unroute("**/v1/secrets/SHOP_KEY")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="No secrets yet")).to_be_visible()


def test_secrets_that_cannot_be_read_say_so(page: Page) -> None:
    broken = {"title": "It broke.", "request_id": "req-12345"}
    page.route("**/v1/secrets?*", lambda route: route.fulfill(status=500, json=broken))
    page.goto("/settings/secrets")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Request req-12345")
    page.unroute("**/v1/secrets?*")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="No secrets yet")).to_be_visible()


def test_a_viewer_sets_a_password_and_is_not_offered_secrets(site: Site) -> None:
    site.homarus.cli("user", "create", "v@x.example", "--role", "viewer")
    context = site.context()
    page = site.log_in(context, email="v@x.example")
    page.goto("/settings")
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    expect(page.get_by_text("viewer on the whole workspace")).to_be_visible()
    expect(page.get_by_role("link", name="Secrets")).to_have_count(0)
    page.get_by_role("textbox", name="New password").fill("a long enough phrase")
    page.get_by_role("button", name="Set password and log out").click()
    page.wait_for_url(lambda url: "/login" in url)
    page.get_by_label("E-mail").fill("v@x.example")
    page.get_by_role("textbox", name="Password").fill("a long enough phrase")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    context.close()
