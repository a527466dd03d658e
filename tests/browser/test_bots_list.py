"""The table of bots: found, filtered, sorted, and many of them asked at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from homarus.testing.browsing import Site


@pytest.fixture(scope="module")
def herd(site: Site) -> None:
    for name in ("list-ant", "list-bee", "list-cow"):
        site.homarus.echo(name, desired="stopped")


def select(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("checkbox", name=f"Select {name}").check()


def test_search_filters_and_sort_stay_in_the_address(site: Site, page: Page, herd: None) -> None:
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


def test_states_are_counted_and_show_their_bots_alone(site: Site, page: Page, herd: None) -> None:
    site.homarus.echo("count-runs")
    page.goto("/bots")
    counts = page.get_by_role("list", name="Bots by state")
    table = page.get_by_role("table", name="Bots")
    counts.get_by_role("link", name="Running 1").click()
    expect(table.get_by_role("link")).to_have_text(["count-runs"])
    expect(counts.get_by_role("link", name="Running 1")).to_have_attribute("aria-current", "page")
    assert counts.get_by_role("link", name="All").get_attribute("aria-current") is None
    site.homarus.cli("bot", "stop", "count-runs")
    expect(counts.get_by_role("link", name="Running 0")).to_be_visible()
    expect(page.get_by_role("heading", name="No bot matches")).to_be_visible()
    counts.get_by_role("link", name="All").click()
    expect(table.get_by_role("link", name="count-runs")).to_be_visible()


def test_fleet_and_runtime_narrow_the_list_and_clearing_empties_the_bar(
    site: Site, page: Page, herd: None
) -> None:
    site.homarus.echo("fleet-dog", desired="stopped", fleet="kennel")
    page.goto("/bots")
    table = page.get_by_role("table", name="Bots")
    page.get_by_role("combobox", name="Fleet").select_option(label="kennel")
    expect(table.get_by_role("link")).to_have_text(["fleet-dog"])
    page.get_by_role("combobox", name="Runtime").select_option(label="openclaw")
    page.get_by_label("Search").fill("dog")
    for filter_ in ("fleet=kennel", "runtime=openclaw", "q=dog"):
        expect(page).to_have_url(re.compile(filter_))
    expect(page.get_by_role("heading", name="No bot matches")).to_be_visible()
    page.get_by_role("link", name="Clear the filters").click()
    expect(table.get_by_role("link", name="list-ant")).to_be_visible()
    expect(page.get_by_label("Search")).to_have_value("")
    expect(page.get_by_role("combobox", name="Fleet")).to_have_value("")


def test_many_are_started_at_once_and_who_cannot_is_left_out(site: Site, page: Page) -> None:
    site.homarus.echo("many-up")
    for name in ("many-one", "many-two"):
        site.homarus.echo(name, desired="stopped")
    page.goto("/bots?q=many-")
    page.get_by_role("checkbox", name="Select all 3 that are loaded").check()
    bar = page.get_by_role("region", name="Selected bots")
    expect(bar.get_by_text("3 selected")).to_be_visible()
    bar.get_by_role("button", name="Start", exact=True).click()
    result = page.get_by_role("region", name="What was asked of many")
    expect(result.get_by_role("status")).to_have_text("Start: 2 of 2 done")
    expect(result.get_by_role("list", name="Left out")).to_have_text(
        "many-up was left out: It is meant to run already."
    )
    site.homarus.wait("many-one", "running")
    site.homarus.wait("many-two", "running")
    start = bar.get_by_role("button", name="Start", exact=True)
    expect(start).to_have_attribute("aria-disabled", "true")
    expect(start).to_have_accessible_description("Start: It is meant to run already.")
    bar.get_by_role("button", name="Select none").click()
    expect(bar).to_have_count(0)


def test_who_refuses_is_named_and_asked_again(site: Site, page: Page) -> None:
    for name in ("half-one", "half-two"):
        site.homarus.echo(name, desired="stopped")
    broken = site.homarus.bot("half-two")["id"]

    def refuse(route: Route) -> None:
        route.fulfill(status=500, json={"title": "It broke.", "request_id": "req-12345"})

    page.route(f"**/v1/bots/{broken}/start", refuse)
    page.goto("/bots?q=half-")
    select(page, "half-one", "half-two")
    page.get_by_role("button", name="Start", exact=True).click()
    result = page.get_by_role("region", name="What was asked of many")
    expect(result.get_by_role("status")).to_have_text("Start: 1 of 2 done")
    expect(result.get_by_role("alert")).to_contain_text("half-two: It broke. Request req-12345")
    expect(result.get_by_role("alert")).not_to_contain_text("half-one")
    page.unroute(f"**/v1/bots/{broken}/start")
    result.get_by_role("button", name="Try again with these").click()
    expect(result.get_by_role("status")).to_have_text("Start: 1 of 1 done")
    expect(result.get_by_role("alert")).to_have_count(0)
    site.homarus.wait("half-two", "running")


def test_deleting_many_names_them_and_asks_for_the_word(site: Site, page: Page) -> None:
    for name in ("gone-one", "gone-two"):
        site.homarus.echo(name, desired="stopped")
    page.goto("/bots?q=gone-")
    select(page, "gone-one", "gone-two")
    page.get_by_role("region", name="Selected bots").get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete 2 bots?")
    expect(dialog).to_contain_text("gone-one, gone-two will be gone.")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_label("Type delete 2 to confirm").fill("delete 2")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="No bot matches")).to_be_visible()


def test_what_is_filtered_away_is_not_asked(page: Page, herd: None) -> None:
    page.goto("/bots?q=list-")
    select(page, "list-ant", "list-bee")
    page.get_by_label("Search").fill("list-a")
    expect(page.get_by_text("1 selected")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "words"),
    [(500, "Request req-12345"), (403, "You may not see this"), (429, "Too many requests")],
)
def test_a_fault_says_what_and_offers_another_try(
    page: Page, herd: None, status: int, words: str
) -> None:
    broken = {"title": "It broke.", "request_id": "req-12345"}
    page.route("**/v1/bots?*", lambda route: route.fulfill(status=status, json=broken))
    page.goto("/bots")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(words)
    page.unroute("**/v1/bots?*")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("table", name="Bots")).to_be_visible()


def test_a_viewer_selects_nothing(site: Site, herd: None) -> None:
    site.homarus.cli("user", "create", "viewer@x.example", "--role", "viewer")
    context = site.context()
    page = site.log_in(context, email="viewer@x.example")
    page.goto("/bots")
    expect(page.get_by_role("link", name="list-ant")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(0)
    expect(page.get_by_role("link", name="New bot")).to_have_count(0)
    context.close()


def test_who_writes_in_one_fleet_selects_its_bots_alone(site: Site, page: Page) -> None:
    site.homarus.echo("part-mine", desired="stopped", fleet="lab")
    site.homarus.echo("part-not", desired="stopped", fleet="other")
    with site.homarus.api() as api:
        grants = [{"role": "operator", "fleet": "lab"}, {"role": "viewer", "fleet": None}]
        api.post("/v1/users", {"email": "lab@x.example", "name": "Lab", "grants": grants})
    context = site.context()
    theirs = site.log_in(context, email="lab@x.example")
    theirs.goto("/bots?q=part-")
    expect(theirs.get_by_role("checkbox", name="Select part-mine")).to_be_visible()
    expect(theirs.get_by_role("link", name="part-not")).to_be_visible()
    expect(theirs.get_by_role("checkbox", name="Select part-not")).to_have_count(0)
    context.close()
