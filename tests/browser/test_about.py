"""What the console says of the installation, the workspace and its budget."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from homarus.testing.browsing import Site

BROKEN = {"title": "It broke.", "request_id": "req-12345"}


def test_version_and_addresses(site: Site, page: Page) -> None:
    page.goto("/settings/about")
    found = page.get_by_role("table", name="This installation")
    about = site.homarus.json("about")
    expect(found.get_by_role("row", name="Version")).to_contain_text(about["version"])
    expect(found.get_by_role("row", name="Console")).to_contain_text(site.url)
    expect(found.get_by_role("row", name="API")).to_contain_text(about["api_url"])
    expect(found.get_by_role("row", name="Gateway")).to_contain_text(about["gateway_url"])
    expect(found.get_by_role("row", name="Demo model")).to_contain_text(about["demo_url"])


def test_the_workspace_is_renamed(site: Site, page: Page) -> None:
    page.goto("/settings/about")
    workspace = page.get_by_role("region", name="Workspace", exact=True)
    field = workspace.get_by_role("textbox", name="New name")
    field.fill("Not A Name")
    workspace.get_by_role("button", name="Rename").click()
    expect(workspace.get_by_role("alert")).to_contain_text("name")
    field.fill("lobsters")
    workspace.get_by_role("button", name="Rename").click()
    expect(workspace.get_by_role("row", name="Name")).to_contain_text("lobsters")
    page.goto("/settings")
    expect(page.get_by_role("row", name="Workspace lobsters")).to_be_visible()


def test_the_budget_is_seen_set_and_used(site: Site, page: Page) -> None:
    site.homarus.echo("spender")
    site.homarus.cli("bot", "chat", "spender", "demo:say Hello.")
    page.goto("/settings/about")
    budget = page.get_by_role("region", name="Budget of the workspace")
    spent = budget.get_by_role("row", name="Spent this month").get_by_role("cell")
    expect(spent).to_be_visible()
    expect(spent).not_to_have_text("$0.00")
    budget.get_by_role("textbox", name="Limit in US dollars").fill("12.50")
    budget.get_by_role("combobox", name="Holds for").select_option(label="a day")
    budget.get_by_role("button", name="Set the budget").click()
    expect(budget.get_by_role("row", name="Limit")).to_contain_text("$12.50 a day")
    expect(budget.get_by_role("row", name="Spent today")).to_be_visible()
    found = site.homarus.json("budget", "list")
    ours = next(one for one in found if one["scope_kind"] == "workspace")
    assert (float(ours["limit_usd"]), ours["period"]) == (12.5, "day")

    budget.get_by_role("textbox", name="Limit in US dollars").fill("a lot")
    budget.get_by_role("button", name="Set the budget").click()
    expect(budget.get_by_role("alert")).to_contain_text("limit_usd")


def test_a_workspace_without_a_limit(page: Page) -> None:
    none = {"items": [], "next_cursor": None}
    page.route("**/v1/budgets?*", lambda route: route.fulfill(json=none))
    page.goto("/settings/about")
    expect(page.get_by_text("There is no limit for the workspace.")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/v1/workspace", "Workspace"),
        ("/v1/budgets", "Budget of the workspace"),
        ("/v1/about", "This installation"),
    ],
)
def test_one_part_that_cannot_be_read_leaves_the_others(page: Page, path: str, part: str) -> None:
    def here(url: str) -> bool:
        return url.partition("?")[0].endswith(path)

    page.route(here, lambda route: route.fulfill(status=500, json=BROKEN))
    page.goto("/settings/about")
    shown = page.get_by_role("region", name=part, exact=True)
    expect(shown.get_by_role("alert")).to_contain_text("Request req-12345")
    expect(page.get_by_role("main").get_by_role("alert")).to_have_count(1)
    page.unroute(here)
    shown.get_by_role("button", name="Try again").click()
    expect(shown.get_by_role("table")).to_be_visible()


def test_a_viewer_reads_and_changes_nothing(site: Site) -> None:
    site.homarus.cli("user", "create", "view@x.example", "--role", "viewer")
    page = site.log_in(site.context(), email="view@x.example")
    page.goto("/settings/about")
    expect(page.get_by_role("region", name="Budget of the workspace")).to_contain_text("Limit")
    expect(page.get_by_role("main").get_by_role("textbox")).to_have_count(0)
    page.context.close()


def test_who_runs_one_fleet_sees_no_budget(site: Site) -> None:
    site.homarus.cli("user", "create", "lab@x.example", "--role", "operator@lab")
    page = site.log_in(site.context(), email="lab@x.example")
    page.goto("/settings/about")
    expect(page.get_by_role("table", name="This installation")).to_be_visible()
    expect(page.get_by_role("region", name="Budget of the workspace")).to_have_count(0)
    page.context.close()
