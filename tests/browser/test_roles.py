"""Who sees what: each role walks every page there is, and nobody sees only the login."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from homarus.core.scopes import Role, scopes_of
from homarus.testing.browsing import Site, addresses, settled

ROUTES = Path(__file__).parents[2] / "dashboard/src/routes.tsx"
READS = {
    "calls": "call:read",
    "call": "call:read",
    "botCalls": "call:read",
    "audit": "audit:read",
    "doctor": "provider:write",
    "users": "user:read",
    "providers": "provider:read",
    "secrets": "secret:read",
}
"""What one must hold to read a page. All others, new ones too, are for everybody who comes in."""
PEOPLE = {
    "owner": (Role.OWNER, ""),
    "admin": (Role.ADMIN, ""),
    "operator": (Role.OPERATOR, ""),
    "viewer": (Role.VIEWER, ""),
    "auditor": (Role.AUDITOR, ""),
    "fleet-operator": (Role.OPERATOR, "lab"),
    "stranger": (None, ""),
}
ROLES = [name for name, (role, _) in PEOPLE.items() if role]
LOOKING = re.compile(
    r"Try again|Show .*|Check the chain|Copy .*|Name|Created|Since|Changed|Clear .*|Follow"
    r"|Download.*|Export|Toggle password visibility"
)
"""Buttons that change nothing. Another one on a page that a viewer sees must be weighed here."""
ONES_OWN = {
    "settings": {"Set password and log out"},
    "tokens": {"Make a token"},
}
"""What everybody may change: their own password and tokens."""


@pytest.fixture(scope="module")
def paths(site: Site) -> dict[str, str]:
    """The addresses of an installation with a bot in each of two fleets."""
    site.homarus.echo("ours", fleet="lab")
    site.homarus.echo("theirs", fleet="elsewhere", desired="stopped")
    site.homarus.cli("bot", "chat", "ours", "demo:say Hello.")
    with site.homarus.api() as api:
        api.put("/v1/secrets/ROLE_KEY", {"value": "x"})
    found = addresses(bot="ours", call=site.homarus.json("calls")[0]["id"])
    del found["login"]
    return found


@pytest.fixture
def visitor(site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The browser of somebody of the role that the test names."""
    role, fleet = PEOPLE[request.param]
    email = f"{request.param}-{request.node.originalname[:24]}@x.example"
    with site.homarus.api() as api:
        grants = [{"role": role, "fleet": fleet or None}] if role else []
        api.post("/v1/users", {"name": email, "email": email, "grants": grants})
    page = site.log_in(site.context(), email=email)
    yield page
    page.context.close()


def refused_to(name: str) -> set[str]:
    """The pages that somebody may not read."""
    role, fleet = PEOPLE[name]
    assert role is not None
    held = scopes_of(role, fleet=bool(fleet))
    return {page for page, scope in READS.items() if scope not in held}


def test_every_page_has_an_address_and_is_walked() -> None:
    pages = re.findall(r'import\("~/pages/[\w/-]+-page"\)', ROUTES.read_text())
    assert len(set(pages)) == len(pages) == len(addresses(bot="", call=""))


def test_nobody_sees_only_the_login(site: Site, paths: dict[str, str]) -> None:
    page = site.context().new_page()
    told: list[Response] = []
    page.on("response", lambda answer: told.append(answer))
    for path in paths.values():
        page.goto(path)
        page.wait_for_url(lambda url: "/login" in url)
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
        expect(page.get_by_role("navigation")).to_have_count(0)
        expect(page.get_by_role("link")).to_have_count(0)
        expect(page.get_by_text("ours")).to_have_count(0)
    asked = [answer for answer in told if "/v1/" in answer.url]
    assert asked
    assert {answer.status for answer in asked} == {401}
    page.context.close()


@pytest.mark.parametrize(
    ("visitor", "name"), [(one, one) for one in ROLES], indirect=["visitor"], ids=ROLES
)
def test_everybody_reads_what_they_may_and_is_led_nowhere_else(
    visitor: Page, paths: dict[str, str], name: str
) -> None:
    refused = refused_to(name)
    closed = {paths[page] for page in refused}
    forbidden: list[str] = []
    visitor.on("response", lambda r: forbidden.append(r.url) if r.status == 403 else None)
    wrong: dict[str, object] = {}
    for page, path in paths.items():
        forbidden.clear()
        visitor.goto(path)
        settled(visitor)
        if page in refused:
            said = visitor.get_by_role("main").get_by_role("alert").first
            expect(said).to_contain_text("You may not see this")
        elif forbidden:
            wrong[f"{page} asks for what they may not read"] = list(forbidden)
        led = {link.get_attribute("href") for link in visitor.get_by_role("link").all()}
        if astray := {href for href in led if href and href.partition("?")[0] in closed}:
            wrong[f"{page} leads to what they may not read"] = astray
    assert wrong == {}


@pytest.mark.parametrize(
    ("visitor", "name"),
    [(one, one) for one in ("viewer", "auditor")],
    indirect=["visitor"],
    ids=["viewer", "auditor"],
)
def test_who_only_looks_sees_no_action(visitor: Page, paths: dict[str, str], name: str) -> None:
    actions: dict[str, list[str]] = {}
    for page, path in paths.items():
        if page in refused_to(name):
            continue
        visitor.goto(path)
        settled(visitor)
        main = visitor.get_by_role("main")
        shown = [
            button.get_attribute("aria-label") or button.inner_text()
            for button in main.get_by_role("button").all()
        ]
        own = ONES_OWN.get(page, set())
        if extra := [one for one in shown if not LOOKING.fullmatch(one) and one not in own]:
            actions[page] = extra
    assert actions == {}


@pytest.mark.parametrize("visitor", ["stranger"], indirect=True)
def test_who_has_no_role_is_told_so_and_may_leave(
    site: Site, visitor: Page, paths: dict[str, str]
) -> None:
    for path in paths.values():
        visitor.goto(path)
        expect(visitor.get_by_role("heading", level=1)).to_have_text("You have no role yet")
        expect(visitor.get_by_role("link")).to_have_count(0)
    user = next(u for u in site.homarus.json("user", "list") if u["email"].startswith("stranger"))
    with site.homarus.api() as api:
        api.patch(f"/v1/users/{user['id']}", {"grants": [{"role": "viewer", "fleet": None}]})
        visitor.get_by_role("button", name="Try again").click()
        expect(visitor.get_by_role("navigation").first).to_be_visible()
        api.patch(f"/v1/users/{user['id']}", {"grants": []})
    visitor.goto(paths["overview"])
    visitor.get_by_role("button", name="Log out").click()
    visitor.wait_for_url(lambda url: "/login" in url)
    visitor.goto(paths["overview"])
    visitor.wait_for_url(lambda url: "/login" in url)


@pytest.mark.parametrize("visitor", ["fleet-operator"], indirect=True)
def test_who_runs_one_fleet_knows_of_no_other(visitor: Page, paths: dict[str, str]) -> None:
    visitor.goto(paths["bots"])
    table = visitor.get_by_role("table", name="Bots")
    expect(table.get_by_role("link", name="ours")).to_be_visible()
    expect(visitor.get_by_text("theirs")).to_have_count(0)
    for page, path in addresses(bot="theirs", call="").items():
        if page.startswith("bot") and page != "bots":
            visitor.goto(path)
            expect(visitor.get_by_text("There is no bot theirs").first).to_be_visible()
    visitor.goto(paths["bot"])
    expect(visitor.get_by_role("button", name="Actions")).to_be_visible()
