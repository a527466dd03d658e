"""The doctor's page."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_it_examines_on_opening_and_says_each_remedy(page: Page) -> None:
    page.goto("/doctor")
    expect(page.get_by_role("main").get_by_role("listitem").first).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    page.get_by_role("button", name="Examine again").click()
    expect(page.get_by_role("button", name="Examine again")).to_be_enabled()
    assert [method for method, url in asked if url.endswith("/v1/doctor")] == ["POST"]


def test_a_finding_is_shown_with_its_remedy(page: Page) -> None:
    finding = {"check": "disk", "health": "fail", "message": "It is full.", "hint": "Make room."}
    page.route(
        "**/v1/doctor", lambda route: route.fulfill(json={"well": False, "findings": [finding]})
    )
    page.goto("/doctor")
    shown = page.get_by_role("listitem")
    expect(shown).to_contain_text("It is full.")
    expect(shown).to_contain_text("How to mend it: Make room.")
    expect(page.get_by_text("All is well")).to_have_count(0)


def test_a_doctor_that_is_away(page: Page) -> None:
    page.route("**/v1/doctor", lambda route: route.fulfill(status=500, json={"title": "It broke."}))
    page.goto("/doctor")
    expect(page.get_by_role("alert")).to_contain_text("It broke.")
