"""Ways in, when the server is away."""

from __future__ import annotations

from playwright.sync_api import expect

from homarus.testing.browsing import Site

LINK = "**/v1/login/link"


def link_of(site: Site) -> str:
    return site.homarus.cli("user", "link", "owner@localhost").strip().splitlines()[-1]


def test_a_link_that_got_no_answer_is_tried_again(site: Site) -> None:
    context = site.context()
    page = context.new_page()
    page.route(LINK, lambda route: route.abort())
    page.goto(link_of(site))
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Homarus does not answer")
    assert "#" not in page.url
    page.unroute(LINK)
    alert.get_by_role("button", name="Try again").click()
    page.wait_for_url(lambda url: "/login" not in url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    context.close()


def test_a_link_that_was_used_is_not_tried_again(site: Site) -> None:
    link = link_of(site)
    first, second = site.context(), site.context()
    page = first.new_page()
    page.goto(link)
    page.wait_for_url(lambda url: "/login" not in url)
    late = second.new_page()
    late.goto(link)
    expect(late.get_by_role("alert")).to_be_visible()
    expect(late.get_by_text("A link works once")).to_be_visible()
    expect(late.get_by_role("button", name="Try again")).to_have_count(0)
    expect(late.get_by_label("E-mail")).to_be_visible()
    first.close()
    second.close()
