"""The log of changes in the console."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from homarus.testing.browsing import Site


def test_search_detail_chain_and_export(site: Site, page: Page) -> None:
    site.homarus.echo("audited", desired="stopped")
    page.goto("/audit")
    table = page.get_by_role("table", name="Audit")
    page.get_by_label("Search").fill("bot.create")
    page.wait_for_url(lambda url: "q=bot.create" in url)
    expect(table.get_by_role("row")).to_have_count(2)
    table.get_by_role("button", name="Show bot.create").click()
    entry = page.get_by_role("dialog", name="bot.create")
    expect(entry).to_contain_text("audited")
    page.keyboard.press("Escape")
    expect(entry).to_have_count(0)

    page.get_by_role("button", name="Check the chain").click()
    expect(page.get_by_role("status")).to_contain_text("The chain is whole")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Export").click()
    lines = taken.value.path().read_text().splitlines()
    assert any(json.loads(line).get("action") == "bot.create" for line in lines)

    page.get_by_label("Actor").fill("nobody of that name")
    expect(page.get_by_role("heading", name="No entry matches")).to_be_visible()
    page.get_by_role("link", name="Clear the filters").click()
    expect(table).to_be_visible()


def test_a_broken_chain_and_a_server_that_fails_are_said(page: Page) -> None:
    verdict = {
        "ok": False,
        "linked": 3,
        "unlinked": 0,
        "last_hash": "",
        "problem": "Entry 4 is gone.",
    }
    page.route("**/v1/audit/verify", lambda route: route.fulfill(json=verdict))
    page.route(
        "**/v1/audit?*", lambda route: route.fulfill(status=500, json={"title": "It broke."})
    )
    page.goto("/audit")
    expect(page.get_by_role("alert")).to_contain_text("It broke.")
    page.get_by_role("button", name="Check the chain").click()
    expect(page.get_by_text("Entry 4 is gone.")).to_be_visible()


def test_each_filter_is_in_the_address_and_an_entry_leads_to_its_like(
    site: Site, page: Page
) -> None:
    site.homarus.echo("narrowed", desired="stopped")
    bot = site.homarus.bot("narrowed")["id"]
    page.goto("/audit")
    table = page.get_by_role("table", name="Audit")
    page.get_by_role("textbox", name="Action").fill("bot.create")
    page.wait_for_url(lambda url: "action=bot.create" in url)
    page.get_by_role("textbox", name="Subject").fill(bot)
    page.wait_for_url(lambda url: f"subject={bot}" in url and "action=bot.create" in url)
    expect(table.get_by_role("row")).to_have_count(2)
    page.reload()
    expect(page.get_by_role("textbox", name="Action")).to_have_value("bot.create")
    expect(table.get_by_role("row")).to_have_count(2)

    table.get_by_role("button", name="Show bot.create").click()
    page.get_by_role("link", name="Everything by whoever did it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_url(lambda url: "actor=usr_" in url and "subject=" not in url)
    expect(page.get_by_role("textbox", name="Action")).to_have_value("")
    table.get_by_role("button", name="Show bot.create").first.click()
    page.get_by_role("link", name="Everything about this subject").click()
    page.wait_for_url(lambda url: "subject=bot_" in url)
    expect(table.get_by_role("row")).not_to_have_count(1)


def test_an_export_that_is_refused_is_said_and_saves_nothing(page: Page) -> None:
    page.route(
        "**/v1/audit/export",
        lambda route: route.fulfill(status=500, json={"title": "It broke.", "request_id": "req-9"}),
    )
    saved: list[object] = []
    page.on("download", lambda download: saved.append(download))
    page.goto("/audit")
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_role("alert")).to_contain_text("Request req-9")
    assert saved == []
