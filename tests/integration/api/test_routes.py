"""The proof of "deny by default": every route, as nobody, as a stranger and as each role.

``EXPECTED`` names the scope of every route. A route that is not in it fails this test, and so
does one that asks for another scope than it says here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute

from homarus.core.scopes import FLEET_SCOPES, ROLES, SCOPES, Role
from homarus.domains.turn.tables import CommandRow
from homarus.http.guards import is_open, scope_of
from homarus.http.routers import ROUTERS
from homarus.store.engine import Store
from homarus.testing.api import BASE, Installation, install
from homarus.testing.clock import VirtualClock

OPEN = "open to all"
EXPECTED: dict[str, str] = {
    "GET /{path:path}": OPEN,
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /v1/openapi.json": OPEN,
    "POST /v1/login": OPEN,
    "POST /v1/login/link": OPEN,
    "POST /v1/logout": OPEN,
    "GET /v1/me": "workspace:read",
    "PUT /v1/me/password": "workspace:read",
    "GET /v1/workspace": "workspace:read",
    "PATCH /v1/workspace": "workspace:write",
    "GET /v1/users": "user:read",
    "POST /v1/users": "user:write",
    "GET /v1/users/{user_id}": "user:read",
    "PATCH /v1/users/{user_id}": "user:write",
    "DELETE /v1/users/{user_id}": "user:write",
    "POST /v1/users/{user_id}/login-link": "user:write",
    "GET /v1/tokens": "token:read",
    "POST /v1/tokens": "token:write",
    "DELETE /v1/tokens/{token_id}": "token:write",
    "GET /v1/secrets": "secret:read",
    "POST /v1/secrets/rotate-master-key": "workspace:write",
    "GET /v1/secrets/{name}": "secret:read",
    "PUT /v1/secrets/{name}": "secret:write",
    "DELETE /v1/secrets/{name}": "secret:write",
    "GET /v1/audit": "audit:read",
    "GET /v1/audit/export": "audit:read",
    "GET /v1/audit/verify": "audit:read",
    "GET /v1/operations": "operation:read",
    "GET /v1/operations/{operation_id}": "operation:read",
    "POST /v1/bots": "bot:write",
    "GET /v1/bots": "bot:read",
    "GET /v1/bots/summary": "bot:read",
    "GET /v1/bots/{bot}": "bot:read",
    "PUT /v1/bots/{bot}": "bot:write",
    "DELETE /v1/bots/{bot}": "bot:write",
    "GET /v1/bots/{bot}/revisions": "bot:read",
    "POST /v1/bots/{bot}/start": "bot:write",
    "POST /v1/bots/{bot}/stop": "bot:write",
    "POST /v1/bots/{bot}/pause": "bot:write",
    "POST /v1/bots/{bot}/resume": "bot:write",
    "POST /v1/bots/{bot}/restart": "bot:write",
    "POST /v1/bots/{bot}/redeploy": "bot:write",
    "POST /v1/bots/{bot}/kill": "bot:kill",
    "POST /v1/kill": "bot:kill",
    "POST /v1/apply": "bot:write",
    "GET /v1/bots/{bot}/placement": "bot:read",
    "POST /enrol": OPEN,
    "POST /v1/bots/{bot}/turns": "bot:chat",
    "GET /v1/bots/{bot}/turns": "bot:read",
    "GET /v1/turns/{turn}": "bot:read",
    "GET /v1/turns/{turn}/stream": "bot:read",
    "GET /v1/bots/{bot}/logs": "bot:read",
    "POST /v1/providers": "provider:write",
    "GET /v1/providers": "provider:read",
    "POST /v1/providers/discover": "provider:write",
    "POST /v1/providers/test": "provider:write",
    "GET /v1/providers/{provider}": "provider:read",
    "PATCH /v1/providers/{provider}": "provider:write",
    "DELETE /v1/providers/{provider}": "provider:write",
    "POST /v1/providers/{provider}/check": "provider:write",
    "PUT /v1/routes": "provider:write",
    "GET /v1/routes": "provider:read",
    "GET /v1/budgets": "budget:read",
    "PUT /v1/budgets/workspace": "budget:write",
    "GET /v1/calls": "call:read",
    "GET /v1/calls/totals": "call:read",
    "GET /v1/calls/trend": "call:read",
    "GET /v1/calls/{call}": "call:read",
    "GET /v1/workers/lost": "workspace:write",
    "POST /v1/workers/{worker}/release": "workspace:write",
    "POST /v1/gateways/enrol": OPEN,
    "GET /v1/targets": "bot:read",
    "GET /v1/runtimes": "bot:read",
    "GET /v1/about": "workspace:read",
    "POST /v1/doctor": "provider:write",
    "GET /v1/events": "event:read",
}

SIGNED = {"/supervisor", "/v1/gateways/session"}
"""WebSockets whose first message is a signature; they admit no user, token or cookie."""


def _routes() -> Iterator[tuple[str, APIRoute]]:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in sorted(route.methods):
                    yield f"{method} {route.path}", route


def test_every_route_is_in_the_table_with_its_scope() -> None:
    found = {name: OPEN if is_open(route) else scope_of(route) for name, route in _routes()}
    assert found == EXPECTED


def test_every_websocket_is_known() -> None:
    found = {
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIWebSocketRoute)
    }
    assert found == SIGNED


ASKED_BY_SPECS = {"secret:use", "bot:unsandbox"}
"""Asked for by what a bot's spec says (domains/bot/permits.py), whatever the route."""


def test_every_scope_opens_something() -> None:
    unused = set(SCOPES) - set(EXPECTED.values())
    assert unused == ASKED_BY_SPECS, "a scope that no route asks for"


def _request(client: httpx2.AsyncClient, name: str) -> httpx2.Request:
    method, path = name.split(" ")
    filled = re.sub(r"\{name\}", "NAME", path)
    filled = re.sub(r"\{[^}]+\}", "nothing_of_this_id", filled)
    body = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
    # A stream that never ends is asked for with an id that is refused after the scope was.
    headers = {"last-event-id": "refused"} if path == "/v1/events" else {"accept": "text/html"}
    return client.build_request(method, filled, headers=headers, **body)


async def _statuses(ours: Installation, token: str) -> dict[str, int]:
    async with ours.client(token) as client:
        return {name: (await client.send(_request(client, name))).status_code for name in EXPECTED}


async def test_nobody_gets_in_anywhere(whole: Installation) -> None:
    installation = whole
    for token in ("", "hom_made_up", installation.login_link):
        statuses = await _statuses(installation, token)
        for name, scope in EXPECTED.items():
            if scope == OPEN:
                assert statuses[name] in (200, 401, 422), name
            else:
                assert statuses[name] == 401, name


@pytest.fixture(scope="module")
def roles() -> list[tuple[Role, str | None]]:
    return [(role, fleet) for role in Role for fleet in (None, "lab")]


async def test_each_role_gets_exactly_as_far_as_its_scopes(
    whole: Installation, roles: list[tuple[Role, str | None]]
) -> None:
    installation = whole
    for role, fleet in roles:
        name = f"{role}-{fleet}"
        who, token = await installation.add_user(name, role, fleet=fleet)
        held = ROLES[role] if fleet is None else ROLES[role] & FLEET_SCOPES
        assert {s for s in SCOPES if who.holds_anywhere(s)} == held
        for route, status in (await _statuses(installation, token)).items():
            scope = EXPECTED[route]
            if scope != OPEN and scope not in held:
                assert status == 403, f"{role} on {fleet or 'workspace'}: {route}"
            elif route not in _OTHERWISE_REFUSED:
                assert status not in (401, 403, 500), f"{role}: {route} answered {status}"


_OTHERWISE_REFUSED = frozenset(n for n, scope in EXPECTED.items() if scope == OPEN)
"""Routes with a credential of their own, which an API token is not."""


async def test_a_stranger_finds_nothing_of_ours(
    sqlite_store: Store, clock: VirtualClock, tmp_path: Path
) -> None:
    ours = await install(sqlite_store, clock, tmp_path)
    ann, ann_token = await ours.add_user("ann", Role.VIEWER)
    async with ours.client(ours.owner_token) as owner:
        await owner.put("/v1/secrets/OURS", json={"value": "ours"})
        tokens = (await owner.get("/v1/tokens", params={"user_id": ann.id})).json()["items"]
        async with ours.store.begin() as session:
            operation = await ours.foundation.operations.begin(
                session, ours.owner, kind="bot.start", subject_id="b", subject="b", fleet="lab"
            )
    _, stranger_token = await ours.add_stranger()
    async with ours.client(stranger_token) as stranger:
        for path in (
            f"/v1/users/{ann.id}",
            f"/v1/tokens?user_id={ann.id}",
            "/v1/secrets/OURS",
            f"/v1/operations/{operation}",
        ):
            assert (await stranger.get(path)).status_code == 404, path
        for method, path in (
            ("PATCH", f"/v1/users/{ann.id}"),
            ("DELETE", f"/v1/users/{ann.id}"),
            ("POST", f"/v1/users/{ann.id}/login-link"),
            ("DELETE", f"/v1/tokens/{tokens[0]['id']}"),
            ("DELETE", "/v1/secrets/OURS"),
        ):
            body = {"json": {}} if method == "PATCH" else {}
            assert (await stranger.request(method, path, **body)).status_code == 404, path
        lists = [
            await stranger.get(path)
            for path in ("/v1/users", "/v1/secrets", "/v1/operations", "/v1/audit", "/v1/tokens")
        ]
        export = await stranger.get("/v1/audit/export")
        workspace = (await stranger.get("/v1/workspace")).json()
    assert workspace["name"] == "elsewhere"
    for answer in (*lists, export):
        assert answer.status_code == 200
        for mark in (ours.owner.id, ours.owner.workspace_id, ann.id, "OURS", operation):
            assert mark not in answer.text
    async with ours.client(ann_token) as still:
        assert (await still.get("/v1/me")).status_code == 200


_SPEC = {"name": "hello", "target": "null", "runtime": {"name": "echo"}, "fleet": "lab"}
_BODIES = {"PUT /v1/bots/{bot}": _SPEC, "POST /v1/bots/{bot}/turns": {"text": "hi"}}


async def _make_a_fleet(owner: httpx2.AsyncClient) -> dict[str, str]:
    """Make one of everything that a path can name; return ids by the name in the path."""
    provider = await owner.post(
        "/v1/providers", json={"name": "demo", "type": "demo", "base_url": "http://127.0.0.1:8702"}
    )
    route = {"name": "demo", "provider": "demo", "model": "demo-1"}
    assert (await owner.put("/v1/routes", json=route)).status_code == 200
    bot = await owner.post("/v1/bots", json=_SPEC)
    assert (provider.status_code, bot.status_code) == (201, 201), provider.text + bot.text
    ids = {"bot": bot.json()["id"], "provider": provider.json()["id"]}
    return {**ids, "turn": "trn_ours", "operation_id": bot.json()["operation_id"]}


def _turn(bot_id: str, workspace_id: str) -> CommandRow:
    """A turn as it stands in the store: a real one needs a running bot."""
    return CommandRow(
        id="trn_ours",
        workspace_id=workspace_id,
        bot_id=bot_id,
        kind="turn",
        params={"text": "hi"},
        deadline=datetime(2040, 1, 1, tzinfo=UTC),
        state="done",
        text="ours",
        usage=None,
        trace_id="0" * 32,
        created_by="usr_1",
        created_at=datetime(2030, 1, 1, tzinfo=UTC),
    )


async def test_strangers_and_other_fleets_find_no_bot_of_ours(whole: Installation) -> None:
    async with whole.client(whole.owner_token) as owner:
        ids = await _make_a_fleet(owner)
        async with whole.store.begin() as session:
            session.add(_turn(ids["bot"], whole.owner.workspace_id))
        assert (await owner.get("/v1/turns/trn_ours")).json()["id"] == "trn_ours"
    _, stranger = await whole.add_stranger()
    tried: set[str] = set()
    _, other_fleet = await whole.add_user("cy", Role.OPERATOR, fleet="elsewhere")
    async with whole.client(whole.owner_token) as owner:
        for token in (stranger, other_fleet):
            async with whole.client(token) as client:
                for name in EXPECTED:
                    parameter = re.search(r"\{(\w+)\}", name)
                    if parameter is None or parameter[1] not in ids:
                        continue
                    method, path = name.replace(parameter[0], ids[parameter[1]]).split(" ")
                    changes = method in ("POST", "PUT", "PATCH")
                    body = {"json": _BODIES.get(name, {})} if changes else {}
                    status = (await client.request(method, path, **body)).status_code
                    # A spec is judged by the caller's own workspace first (it has no such model).
                    judged = name == "PUT /v1/bots/{bot}" and status == 422
                    assert judged or status in (403, 404), f"{name} answered {status}"
                    tried.add(parameter[1])
                listed = [await client.get(path) for path in ("/v1/bots", "/v1/operations")]
                for answer in listed:
                    assert answer.json()["items"] == []
        assert (await owner.get(f"/v1/bots/{ids['bot']}")).json()["name"] == "hello"
    assert tried == set(ids) == {"bot", "provider", "turn", "operation_id"}


async def test_a_browser_without_origin_changes_nothing(whole: Installation) -> None:
    installation = whole
    async with installation.client() as browser:
        await browser.post("/v1/login/link", json={"token": installation.login_link})
        for name, scope in EXPECTED.items():
            if scope != OPEN and not name.startswith("GET"):
                assert (await browser.send(_request(browser, name))).status_code == 403, name
        evil = {"origin": "http://evil.test"}
        assert (await browser.get("/v1/me", headers=evil)).status_code == 403
        ours = {"origin": BASE}
        assert (await browser.get("/v1/me", headers=ours)).status_code == 200
