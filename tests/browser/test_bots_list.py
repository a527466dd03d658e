"""The table of bots."""

import re

from playwright.sync_api import Page, expect

from homarus.testing.browsing import Site


def test_search_filters_and_sort_stay_in_the_address(site: Site, page: Page) -> None:
    for name in ("list-ant", "list-bee", "list-cow"):
        site.homarus.echo(name, desired="stopped")
    page.goto("/bots")
    table = page.get_by_role("table", name="Bots")
    expect(table.get_by_role("link", name="list-ant")).to_be_visible()

    page.get_by_label("Search").fill("list-")
    page.get_by_role("button", name="Name").click()
    expect(table.get_by_role("link")).to_have_text(["list-ant", "list-bee", "list-cow"])
    page.get_by_role("button", name="Name").click()
    expect(table.get_by_role("link")).to_have_text(["list-cow", "list-bee", "list-ant"])
    expect(page).to_have_url(re.compile(r"order=desc.*q=list-"))

    page.reload()
    expect(table.get_by_role("link")).to_have_text(["list-cow", "list-bee", "list-ant"])
