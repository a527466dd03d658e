"""The first page, at each stage of an installation."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from homarus.testing.browsing import Site


@pytest.fixture(scope="module")
def steady(site: Site) -> str:
    """A bot that made one call. The test of the empty installation comes before it."""
    site.homarus.echo("steady")
    site.homarus.cli("bot", "chat", "steady", "demo:say Hello.")
    return "steady"


def test_an_empty_installation_says_how_to_begin(page: Page) -> None:
    expect(page.get_by_role("heading", name="Make your first bot")).to_be_visible()
    page.get_by_role("link", name="New bot").click()
    expect(page.get_by_role("heading", name="What is it for?")).to_be_visible()


def test_bots_costs_changes_and_the_next_thing(page: Page, steady: str) -> None:
    page.goto("/")
    bots = page.get_by_role("region", name="Bots")
    expect(bots.get_by_text("Running")).to_be_visible()
    expect(bots.get_by_text("No bot needs you.")).to_be_visible()
    today = page.get_by_role("region", name="Today")
    expect(today.get_by_role("row", name="Calls")).to_contain_text("1")
    expect(today.get_by_text("Workspace budget")).to_be_visible()
    changes = page.get_by_role("region", name="Last changes")
    expect(changes.get_by_text("bot.create steady")).to_be_visible()
    trend = page.get_by_role("region", name="Cost of the last 14 days")
    trend.get_by_text("As a table").click()
    expect(trend.get_by_role("row")).to_have_count(15)
    only = page.get_by_role("region", name="steady is ready")
    only.get_by_role("link", name="Talk to steady").click()
    page.wait_for_url("**/bots/steady/chat")
    page.go_back()
    page.get_by_role("link", name="Set a password").click()
    page.wait_for_url(lambda url: url.endswith("/settings"))


def test_a_bot_that_fails_comes_first_while_one_looks(site: Site, page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("region", name="Bots")).to_be_visible()
    with site.homarus.api() as api:
        spec = {"name": "faulty", "runtime": {"name": "echo"}, "resources": {"memory_mb": 64}}
        api.post("/v1/bots", {**spec, "settings": {"exit_code": 3}})
    expect(page.get_by_role("link", name="See why faulty is not well")).to_be_visible(
        timeout=90_000
    )
    expect(page.get_by_role("region", name="steady is ready")).to_have_count(0)
    row = page.get_by_role("region", name="Bots")
    expect(row.get_by_role("link", name="faulty")).to_be_visible()
    expect(row.get_by_text("Failed").first).to_be_visible()
    site.homarus.cli("bot", "delete", "faulty", "--yes")


def test_one_card_that_cannot_be_read_leaves_the_others(page: Page, steady: str) -> None:
    page.route(
        "**/v1/calls/trend?*", lambda route: route.fulfill(status=500, json={"title": "It broke."})
    )
    page.goto("/")
    today = page.get_by_role("region", name="Today")
    expect(today.get_by_role("alert")).to_contain_text("It broke.")
    expect(page.get_by_role("region", name="Last changes").get_by_text("steady")).to_be_visible()
    page.unroute("**/v1/calls/trend?*")
    today.get_by_role("button", name="Try again").click()
    expect(today.get_by_role("row", name="Calls")).to_be_visible()


def test_the_next_thing_is_a_model_and_then_a_budget(site: Site, page: Page, steady: str) -> None:
    page.route(
        "**/v1/me",
        lambda route: route.fulfill(json={**route.fetch().json(), "has_password": True}),
    )
    page.goto("/")
    add = page.get_by_role("link", name="Add a model")
    expect(add).to_have_attribute("href", "/settings/providers")
    with site.homarus.api() as api:
        api.post("/v1/providers", {"name": "real", "type": "openai", "key": "sk-test"})
    page.reload()
    expect(page.get_by_role("region", name="Bots").get_by_text("Running")).to_be_visible()
    expect(add).to_have_count(0)
    page.route(
        "**/v1/budgets?*", lambda route: route.fulfill(json={"items": [], "next_cursor": None})
    )
    page.reload()
    budget = page.get_by_role("link", name="Set a budget")
    expect(budget).to_have_attribute("href", "/settings/about")
