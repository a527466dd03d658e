"""Every route, button and menu entry of the console, and the API call behind it.

`READS` and `OFFERS` are the list. A page, a button or a menu entry that is not in it fails, and
so does one that is in it and does not do what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, expect
from tests.browser.controls import (
    HERE,
    THEN,
    THERE,
    WHY_NOT,
    changed,
    heard,
    leads,
    looks,
    offered,
    operation,
    press,
    settled,
)

from homarus.testing.browsing import Site, addresses

ALWAYS = {"GET /v1/me", "GET /v1/events"}
"""Read on every page: who one is, and what happens."""
_OF_BOT = {"GET /v1/bots/{bot}"}
READS: dict[str, set[str]] = {
    "login": set(),
    "overview": {
        "GET /v1/bots",
        "GET /v1/bots/summary",
        "GET /v1/budgets",
        "GET /v1/calls/trend",
        "GET /v1/operations",
        "GET /v1/providers",
    },
    "bots": {"GET /v1/bots", "GET /v1/bots/summary", "GET /v1/runtimes"},
    "wizard": {"GET /v1/bots", "GET /v1/bots/{bot}"},
    "bot": {*_OF_BOT, "GET /v1/bots/{bot}/placement", "GET /v1/budgets"},
    "botChat": {*_OF_BOT, "GET /v1/bots/{bot}/turns"},
    "botCalls": {*_OF_BOT, "GET /v1/calls"},
    "botLogs": {*_OF_BOT, "GET /v1/bots/{bot}/logs"},
    "botCommands": {*_OF_BOT, "GET /v1/operations"},
    "botRevisions": {*_OF_BOT, "GET /v1/bots/{bot}/revisions"},
    "botConfiguration": {*_OF_BOT, "GET /v1/routes"},
    "calls": {"GET /v1/calls", "GET /v1/bots", "GET /v1/bots/{bot}"},
    "call": {"GET /v1/calls/{call}", "GET /v1/calls", "GET /v1/bots/{bot}"},
    "audit": {"GET /v1/audit"},
    "doctor": {"POST /v1/doctor"},
    "settings": set(),
    "users": {"GET /v1/users"},
    "tokens": {"GET /v1/tokens"},
    "providers": {"GET /v1/providers", "GET /v1/routes"},
    "about": {"GET /v1/about", "GET /v1/budgets", "GET /v1/workspace"},
    "secrets": {"GET /v1/secrets"},
}
FRAME = {"Switch between light and dark": HERE, "Log out": "POST /v1/logout"}
"""On every page but the login."""
BOT = {
    "Actions": HERE,
    "Actions > Start": WHY_NOT,
    "Actions > Stop": "POST /v1/bots/{bot}/stop",
    "Actions > Pause": "POST /v1/bots/{bot}/pause",
    "Actions > Resume": WHY_NOT,
    "Actions > Restart": "POST /v1/bots/{bot}/restart",
    "Actions > Redeploy": "POST /v1/bots/{bot}/redeploy",
    "Actions > Kill > Kill": "POST /v1/bots/{bot}/kill",
    "Actions > Delete > Delete": "DELETE /v1/bots/{bot}",
    "Overview": THERE,
    "Chat": "GET /v1/bots/{bot}/turns",
    "Calls": "GET /v1/calls",
    "Logs": "GET /v1/bots/{bot}/logs",
    "Commands": "GET /v1/operations",
    "Revisions": "GET /v1/bots/{bot}/revisions",
    "Configuration": "GET /v1/routes",
}
"""On every page of a bot; pressed on the first."""
OFFERS: dict[str, dict[str, str]] = {
    "login": {"Toggle password visibility": HERE, "Log in": "POST /v1/login"},
    "overview": {},
    "bots": {
        "Name": "GET /v1/bots",
        "Since": "GET /v1/bots",
        "Select all … that are loaded": HERE,
        "Select … > Select none": HERE,
        "Select … > Start": WHY_NOT,
        "Select … > Stop": "POST /v1/bots/{bot}/stop",
        "Select … > Restart": "POST /v1/bots/{bot}/restart",
        "Select … > Delete > Delete": "DELETE /v1/bots/{bot}",
    },
    "wizard": {
        "Start over > Start over": HERE,
        "Next > Back": HERE,
        "Next > Next > Next > Make the bot": "POST /v1/bots",
    },
    "bot": {},
    "botChat": {"Send": "POST /v1/bots/{bot}/turns"},
    "botCalls": {},
    "botLogs": {
        "Show new lines as they come": HERE,
        "Download": "GET /v1/bots/{bot}/logs",
    },
    "botCommands": {},
    "botRevisions": {},
    "botConfiguration": {
        "Review the change": "POST /v1/apply",
        "May run commands > Discard what I typed": HERE,
        "May run commands > Review the change > Go on editing": HERE,
        "May run commands > Review the change > Apply": "PUT /v1/bots/{bot}",
    },
    "calls": {},
    "call": {"Copy …": HERE},
    "audit": {
        "Export": "GET /v1/audit/export",
        "Check the chain": "GET /v1/audit/verify",
        "Show … …": HERE,
    },
    "doctor": {"Examine again": "POST /v1/doctor"},
    "settings": {
        "Toggle password visibility": HERE,
        "Set password and log out": "PUT /v1/me/password",
    },
    "users": {
        "Invite somebody > Add a role": HERE,
        "Invite somebody > Take role … away": HERE,
        "Invite somebody > Invite": "POST /v1/users",
        "Actions for Owner > Change roles": HERE,
        "Actions for Owner > New login link": "POST /v1/users/{user_id}/login-link",
        "Actions for Owner > Remove > Remove": "DELETE /v1/users/{user_id}",
    },
    "tokens": {
        "Make a token > Make it": "POST /v1/tokens",
        "Revoke command line > Revoke": "DELETE /v1/tokens/{token_id}",
    },
    "providers": {
        "Add a provider > Toggle password visibility": HERE,
        "Add a provider > Test and add": "POST /v1/providers/test",
        "Actions for demo > Check it now": "POST /v1/providers/{provider}/check",
        "Actions for demo > Delete > Delete": "DELETE /v1/providers/{provider}",
        "Add a model name > Save": "PUT /v1/routes",
        "Change demo > Save": "PUT /v1/routes",
    },
    "about": {
        "Rename": "PATCH /v1/workspace",
        "Set the budget": "PUT /v1/budgets/workspace",
        "Copy http://…": HERE,
    },
    "secrets": {
        "Toggle password visibility": HERE,
        "Set a secret": "PUT /v1/secrets/{name}",
        "Delete … > Delete": "DELETE /v1/secrets/{name}",
    },
}
"""What is pressed, one after the other, and what comes of the last."""
LEAVES = {"Close", "Cancel"}
"""What dialogs have to go away unchanged."""
PAGES = sorted(addresses(bot="", call=""))


@pytest.fixture(scope="module")
def paths(site: Site) -> dict[str, str]:
    """The addresses of an installation with something on every page."""
    site.homarus.echo("steady")
    site.homarus.cli("bot", "chat", "steady", "demo:say Hello.")
    with site.homarus.api() as api:
        api.put("/v1/secrets/A_SECRET", {"value": "nobody sees this"})
    return addresses(bot="steady", call=site.homarus.json("calls")[0]["id"])


@pytest.fixture(scope="module")
def owner(site: Site) -> Iterator[Page]:
    """The owner's tab, for all pages."""
    context = site.context(permissions=["clipboard-read", "clipboard-write"])
    yield site.log_in(context)
    context.close()


@pytest.fixture(scope="module")
def nobody(site: Site) -> Iterator[Page]:
    """The tab of somebody who is not logged in, for the login page."""
    context = site.context()
    yield context.new_page()
    context.close()


def is_refused(asked: str) -> bool:
    """What would change anything: pressing everything must leave everything as it is."""
    return not asked.startswith("GET ") and asked not in {"POST /v1/apply", "POST /v1/doctor"}


def first_steps(ways: dict[str, str]) -> set[str]:
    return {way.partition(THEN)[0] for way in ways}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_and_offers_what_is_listed(
    owner: Page, nobody: Page, paths: dict[str, str], name: str
) -> None:
    page = nobody if name == "login" else owner
    with heard(page, is_refused) as asked:
        page.goto(paths[name])
        settled(page)
        for wanted in READS[name]:
            if wanted not in asked:
                page.wait_for_request(lambda request, wanted=wanted: is_of(request, wanted))
    assert set(asked) - ALWAYS == READS[name]
    everywhere = {} if name == "login" else FRAME
    of_bot = BOT if name.startswith("bot") and name != "bots" else {}
    assert set(offered(page)) == first_steps(OFFERS[name] | everywhere | of_bot)
    known = [re.compile("^" + re.sub(r"\bX\b", "[^/]+", a) + "$") for a in all_addresses()]
    for path in leads(page):
        if not any(pattern.match(path) for pattern in known):
            operation("GET", path)


def all_addresses() -> list[str]:
    return list(addresses(bot="X", call="X").values())


def is_of(request: Request, wanted: str) -> bool:
    return "/v1/" in request.url and operation(request.method, request.url) == wanted


@pytest.mark.parametrize("name", [name for name in PAGES if OFFERS[name] or name == "bot"])
def test_what_is_pressed_does_what_is_listed(
    owner: Page, nobody: Page, paths: dict[str, str], name: str
) -> None:
    page = nobody if name == "login" else owner
    ways = OFFERS[name] | (BOT if name == "bot" else {}) | (FRAME if name == "overview" else {})

    def listed(pressed: str, before: set[str], new: set[str]) -> None:
        steps = {way.removeprefix(pressed + THEN) for way in ways if way.startswith(pressed + THEN)}
        assert new - LEAVES == {step.partition(THEN)[0] for step in steps} - before, pressed

    with heard(page, is_refused):
        for way, comes in ways.items():
            page.goto(paths[name])
            settled(page)
            control = press(page, way, listed)
            if comes == WHY_NOT:
                assert control.get_attribute("aria-disabled") == "true", way
                expect(control).to_have_accessible_description(re.compile(r"\w"))
            elif comes == THERE:
                assert control.get_attribute("aria-selected") == "true", way
            elif comes == HERE:
                before = looks(page)
                control.click()
                changed(page, before)
            else:
                with page.expect_response(lambda got, comes=comes: is_of(got.request, comes)):
                    control.click()
