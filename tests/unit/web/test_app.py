"""What every request meets: guards, errors, transactions, idempotency; on a noun of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Message

from homarus.core.specs import DesiredState
from homarus.errors import Conflict, TooMany
from homarus.http.app import build_app
from homarus.kit.signal import Signal
from homarus.store.engine import Store
from homarus.store.tables import CounterRow
from homarus.testing.api import ACCESS, FixedAuthenticator, api_client
from homarus.testing.clock import VirtualClock
from homarus.web.creation import Creating
from homarus.web.pages import Input, View
from homarus.web.principal import Held, Principal, open_to_all, requires
from homarus.web.transactions import WriteSession

router = APIRouter(prefix="/v1/things")


class Inner(Input):
    exec: DesiredState = DesiredState.RUNNING


class ThingCreate(Input):
    name: str = Field(pattern="^[a-z]+$")
    tools: Inner = Inner()


class ThingView(View):
    id: str
    secret: str | None


@dataclass
class Thing:
    id: str
    secret: str | None


@router.post("", status_code=201)
async def create_thing(
    caller: Annotated[Principal, requires("bot:write")], body: ThingCreate, creation: Creating
) -> ThingView:
    async def make(session: AsyncSession) -> Thing:
        session.add(CounterRow(name=body.name, value=1))
        await session.flush()
        if body.name == "late":
            raise Conflict("too late")
        return Thing("thg_1", "shown once")

    async def again(session: AsyncSession, thing_id: str) -> Thing:
        return Thing(thing_id, None)

    made = await creation.once(caller, make, again)
    return ThingView(id=made.id, secret=made.secret)


@router.get("/bug", dependencies=[open_to_all])
async def get_bug() -> None:
    raise RuntimeError("the inside")


@router.get("/many", dependencies=[open_to_all])
async def get_many() -> None:
    raise TooMany("slow down", retry_after=timedelta(seconds=1.5))


@router.put("/{name}")
async def put_thing(
    caller: Annotated[Principal, requires("workspace:write")], name: str, session: WriteSession
) -> None:
    session.add(CounterRow(name=name, value=1))


@pytest.fixture
def app(store: Store, clock: VirtualClock) -> FastAPI:
    everything = Principal.system("ws_1", "test").held
    known = {
        "all": Principal("user", "usr_1", "Ann", "ws_1", everything),
        "other": Principal("user", "usr_2", "Bob", "ws_2", everything),
        "fleet": Principal("user", "usr_3", "Cy", "ws_1", (Held("f", frozenset({"bot:write"})),)),
    }
    return build_app(
        store=store,
        clock=clock,
        access=ACCESS,
        authenticator=FixedAuthenticator(known),
        numbered=Signal(),
        services=[],
        routers=[router],
    )


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with api_client(app, "all") as opened:
        yield opened


async def _names(store: Store) -> list[str]:
    async with store.read() as session:
        return list(await session.scalars(select(CounterRow.name).order_by(CounterRow.name)))


class TestErrors:
    async def test_a_problem_says_what_where_and_how_to_mend(
        self, client: httpx2.AsyncClient, store: Store
    ) -> None:
        answer = await client.post(
            "/v1/things", json={"name": "A!", "tols": 1, "tools": {"exec": "runing", "x": 1}}
        )

        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["code"] == "invalid"
        assert problem["request_id"] == answer.headers["x-request-id"]
        issues = {issue["path"]: issue for issue in problem["issues"]}
        assert set(issues) == {"name", "tols", "tools.exec", "tools.x"}
        assert "Did you mean tools?" in issues["tols"]["hint"]
        assert (
            "Did you mean running? Allowed: running, paused, stopped"
            in (issues["tools.exec"]["hint"])
        )
        assert "Allowed: exec" in issues["tools.x"]["hint"]
        assert await _names(store) == []

    async def test_broken_json_is_said_so(self, client: httpx2.AsyncClient) -> None:
        answer = await client.post(
            "/v1/things", content=b"{", headers={"content-type": "application/json"}
        )
        assert answer.status_code == 422
        assert "not valid JSON" in answer.json()["detail"]

    async def test_a_bug_keeps_its_inside(self, client: httpx2.AsyncClient) -> None:
        answer = await client.get("/v1/things/bug", headers={"x-request-id": "my-request-1"})

        assert answer.status_code == 500
        assert answer.json()["code"] == "internal"
        assert answer.json()["request_id"] == "my-request-1"
        assert "inside" not in answer.text.replace("inside Homarus", "").lower()

    async def test_slowing_down_says_for_how_long(self, client: httpx2.AsyncClient) -> None:
        answer = await client.get("/v1/things/many")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")

    async def test_unknown_paths_and_methods_have_the_same_shape(
        self, client: httpx2.AsyncClient
    ) -> None:
        assert (await client.get("/v1/nothing")).json()["code"] == "not_found"
        wrong = await client.delete("/v1/things")
        assert (wrong.status_code, wrong.json()["code"]) == (405, "invalid")
        assert wrong.headers["allow"] == "POST"

    async def test_a_huge_body_is_refused(self, client: httpx2.AsyncClient) -> None:
        answer = await client.post("/v1/things", content=b"x" * (5 << 20))
        assert answer.status_code == 413
        assert "larger" in answer.json()["detail"]


class TestGuards:
    async def test_foreign_hosts_and_origins_are_refused(self, client: httpx2.AsyncClient) -> None:
        for headers in ({"host": "evil.test"}, {"origin": "http://evil.test"}, {"origin": "null"}):
            answer = await client.put("/v1/things/a", headers=headers)
            assert answer.status_code == 403, headers

    async def test_our_own_origin_passes(self, client: httpx2.AsyncClient) -> None:
        headers = {"origin": "http://localhost:8700"}
        assert (await client.put("/v1/things/a", headers=headers)).status_code == 200

    async def test_a_cookie_needs_an_origin_to_change_something(self, app: FastAPI) -> None:
        async with api_client(app) as browser:
            browser.cookies.set("homarus", "all")
            assert (await browser.put("/v1/things/a")).status_code == 403
            ours = {"origin": "http://127.0.0.1:8700"}
            assert (await browser.put("/v1/things/a", headers=ours)).status_code == 200

    @pytest.mark.parametrize("header", ["", "Basic all", "Bearer", "Bearer no"])
    async def test_who_is_not_known_is_told_so(self, app: FastAPI, header: str) -> None:
        async with api_client(app) as nobody:
            answer = await nobody.put("/v1/things/a", headers={"authorization": header})
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"

    async def test_a_fleet_grant_opens_fleet_scopes_only(self, app: FastAPI) -> None:
        async with api_client(app, "fleet") as some:
            assert (await some.post("/v1/things", json={"name": "a"})).status_code == 201
            assert (await some.put("/v1/things/a")).status_code == 403

    def test_a_route_without_scope_is_refused_when_the_app_is_built(self, app: FastAPI) -> None:
        forgetful = APIRouter()

        @forgetful.get("/v1/secret-door")
        async def door() -> None: ...

        with pytest.raises(ValueError, match="secret-door"):
            build_app(
                store=app.state.parts.store,
                clock=app.state.parts.clock,
                access=ACCESS,
                authenticator=app.state.parts.authenticator,
                numbered=Signal(),
                services=[],
                routers=[forgetful],
            )


class TestIdempotency:
    async def _post(self, client: httpx2.AsyncClient, key: str, name: str = "a") -> httpx2.Response:
        return await client.post(
            "/v1/things", json={"name": name}, headers={"idempotency-key": key}
        )

    async def test_a_replay_returns_the_resource_and_no_secret(
        self, client: httpx2.AsyncClient, store: Store
    ) -> None:
        first = await self._post(client, "k1")
        again = await self._post(client, "k1")

        assert first.json() == {"id": "thg_1", "secret": "shown once"}
        assert (again.status_code, again.json()) == (201, {"id": "thg_1", "secret": None})
        assert await _names(store) == ["a"]

    async def test_another_request_with_the_key_is_refused(
        self, client: httpx2.AsyncClient, store: Store
    ) -> None:
        await self._post(client, "k1")
        other = await self._post(client, "k1", "b")

        assert other.status_code == 422
        assert await _names(store) == ["a"]

    async def test_a_twin_in_flight_is_told_to_wait(self, client: httpx2.AsyncClient) -> None:
        answers = await asyncio.gather(*(self._post(client, "k1", "slow") for _ in range(3)))
        assert sorted(a.status_code for a in answers) == [201, 409, 409]

    async def test_what_failed_is_not_remembered(
        self, client: httpx2.AsyncClient, store: Store
    ) -> None:
        for _ in range(2):
            answer = await self._post(client, "k1", "late")
            assert (answer.status_code, answer.json()["detail"]) == (409, "too late")
        assert await _names(store) == []

    async def test_it_is_forgotten_after_a_day(
        self, client: httpx2.AsyncClient, clock: VirtualClock, store: Store
    ) -> None:
        await self._post(client, "k1", "a")
        await clock.advance(timedelta(hours=25))
        assert (await self._post(client, "k1", "b")).json()["secret"] == "shown once"
        assert await _names(store) == ["a", "b"]

    async def test_two_callers_with_one_key_never_meet(
        self, app: FastAPI, client: httpx2.AsyncClient
    ) -> None:
        await self._post(client, "k1", "a")
        async with api_client(app, "other") as other:
            assert (await self._post(other, "k1", "b")).json()["secret"] == "shown once"


async def test_a_websocket_from_a_foreign_page_is_closed(app: FastAPI) -> None:
    for name, value in ((b"host", b"evil.test"), (b"origin", b"http://evil.test")):
        headers = {b"host": b"127.0.0.1:8700", name: value}
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message, sent: list[Message] = sent) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": "/supervisor", "headers": list(headers.items())}
        await app(scope, receive, send)
        assert [m["type"] for m in sent] == ["websocket.close"]
