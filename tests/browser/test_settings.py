"""Settings in the console: secrets set and deleted, one's own account, and what a viewer sees."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

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


LISTS = {
    "/settings/users": ("users", "People", "Nobody here"),
    "/settings/tokens": ("tokens", "Tokens", "No tokens"),
    "/settings/providers": ("providers", "Providers", "No providers yet"),
    "/settings/secrets": ("secrets", "Secrets", "No secrets yet"),
}


Listing = tuple[str, str, str, str]


@pytest.fixture(params=LISTS)
def listing(request: pytest.FixtureRequest, site: Site) -> Listing:
    """Address, what the API is asked, name of the table and what an empty one says."""
    with site.homarus.api() as api:
        api.put("/v1/secrets/LISTED", {"value": "x"})
        api.post("/v1/tokens", {"name": "listed"})
    noun, label, empty = LISTS[request.param]
    return request.param, f"**/v1/{noun}?*", label, empty


def test_an_empty_list_says_what_would_be_there(page: Page, listing: Listing) -> None:
    address, asked, _, empty = listing
    page.route(asked, lambda route: route.fulfill(json={"items": [], "next_cursor": None}))
    page.goto(address)
    expect(page.get_by_role("heading", name=empty)).to_be_visible()


def test_a_list_of_which_a_part_is_missing_keeps_the_rest(page: Page, listing: Listing) -> None:
    address, asked, label, _ = listing

    def half(route: Route) -> None:
        if "cursor=further" in route.request.url:
            route.fulfill(status=500, json={"title": "It broke."})
            return
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "next_cursor": "further"})

    page.route(asked, half)
    page.goto(address)
    expect(page.get_by_text("One part could not be read.")).to_be_visible()
    expect(page.get_by_role("table", name=label).get_by_role("row").nth(1)).to_be_visible()


def test_the_rule_of_a_name_is_shown_before_one_fails_it(page: Page) -> None:
    page.goto("/settings/secrets")
    expect(page.get_by_text("capitals, digits and _ follow, at most 64 in all")).to_be_visible()
    page.get_by_label("Name").fill("my key")
    page.get_by_role("textbox", name="Value").fill("a-value")
    expect(page.get_by_text("Such a name is not possible")).to_be_visible()
    expect(page.get_by_role("button", name="Set a secret")).to_be_disabled()
    page.get_by_label("Name").fill("MY_KEY")
    expect(page.get_by_role("button", name="Set a secret")).to_be_enabled()


def test_a_secret_in_use_names_the_bots_that_read_it(site: Site, page: Page) -> None:
    with site.homarus.api() as api:
        api.put("/v1/secrets/READ_KEY", {"value": "x"})
    site.homarus.echo("reader", desired="stopped", secrets=["READ_KEY"])
    page.goto("/settings/secrets")
    page.get_by_role("button", name="Delete READ_KEY").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type READ_KEY to confirm").fill("READ_KEY")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("reader")
