"""Providers, routes, budgets and calls through the public API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from homarus.core.budgets import window_start
from homarus.core.specs import Period
from homarus.kit.clock import SystemClock
from homarus.kit.ids import new_id
from homarus.protocol import gateway as wire
from homarus.store.engine import Store
from homarus.testing.api import api_client
from homarus.testing.gateway_plane import Plane
from homarus.testing.gateway_rig import demo_model


@pytest.fixture
async def plane(sqlite_store: Store) -> Plane:
    made = Plane.over(sqlite_store, SystemClock())
    await made.furnish("http://127.0.0.1:1/v1", limit_nano=5_000_000_000)
    return made


@pytest.fixture
async def api(plane: Plane) -> AsyncIterator[httpx2.AsyncClient]:
    async with api_client(plane.app(8700), "owner") as client:
        yield client


async def add(api: httpx2.AsyncClient, name: str, base_url: str, key: str) -> httpx2.Response:
    body = {"name": name, "type": "openai", "base_url": base_url, "key": key}
    return await api.post("/v1/providers", json=body)


async def test_a_wrong_key_is_told_in_words_and_never_shown(api: httpx2.AsyncClient) -> None:
    async with demo_model(key="sk-right") as base_url:
        for name, key, ok in (("good", "sk-right", True), ("bad", "sk-wrong", False)):
            made = await add(api, name, base_url, key)
            assert made.status_code == 201
            assert key not in made.text
            verdict = (await api.post(f"/v1/providers/{name}/check")).json()
            assert verdict["ok"] is ok
            assert verdict["models"] == (["homarus-demo"] if ok else [])
        assert "refuses this key" in verdict["message"]
        assert "sk-wrong" not in str(verdict)


async def test_a_provider_that_is_not_there_is_a_verdict_too(api: httpx2.AsyncClient) -> None:
    verdict = (await api.post("/v1/providers/demo/check")).json()
    assert not verdict["ok"]
    assert verdict["hint"]


@pytest.mark.parametrize("base_url", ["http://models.example/v1", "ftp://x", "https://u:p@host"])
async def test_keys_travel_over_https_or_stay_on_this_machine(
    api: httpx2.AsyncClient, base_url: str
) -> None:
    refused = await add(api, "far", base_url, "sk")
    assert refused.status_code == 422
    assert "base_url" in refused.json()["detail"]


async def test_a_route_takes_the_listed_price_its_own_or_none(api: httpx2.AsyncClient) -> None:
    await add(api, "openai", "", "sk")
    own = {"input": "1", "cached_read": "0.1", "cache_write": "1", "output": "2"}
    prices = []
    for model, price in (("gpt-4o", None), ("gpt-4o", own), ("no-such-model", None)):
        body = {"name": "smart", "provider": "openai", "model": model}
        made = await api.put("/v1/routes", json=body | ({"price": price} if price else {}))
        assert made.status_code == 200
        prices.append(made.json()["price"])
    assert prices[0]["source"].startswith("genai-prices")
    assert float(prices[0]["output"]) > 0
    assert (prices[1]["source"], float(prices[1]["output"])) == ("own", 2)
    assert prices[2] is None
    names = [row["name"] for row in (await api.get("/v1/routes")).json()["items"]]
    assert names == ["demo", "smart"]


async def test_removing_a_provider_removes_its_routes(api: httpx2.AsyncClient) -> None:
    assert (await api.delete("/v1/providers/demo")).status_code == 204
    assert (await api.get("/v1/routes")).json()["items"] == []
    assert (await api.get("/v1/providers/demo")).status_code == 404


async def test_the_workspace_budget_is_set_and_shown(api: httpx2.AsyncClient) -> None:
    body = {"limit_usd": "2.50", "period": "month"}
    assert (await api.put("/v1/budgets/workspace", json=body)).status_code == 200
    rows = (await api.get("/v1/budgets")).json()["items"]
    shown = {row["scope_kind"]: (float(row["limit_usd"]), row["period"]) for row in rows}
    assert shown == {"workspace": (2.5, "month"), "bot": (5.0, "day")}


async def test_no_calls_yet_is_an_empty_list_and_a_zero(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/v1/calls")).json() == {"items": [], "next_cursor": None}
    assert float((await api.get("/v1/calls/totals")).json()["cost_usd"]) == 0
    assert (await api.get("/v1/calls/call_x")).status_code == 404


async def test_an_enrolment_token_is_bound_to_the_first_key(
    api: httpx2.AsyncClient, plane: Plane
) -> None:
    token = await plane.gateways.arm()
    first = {"token": token, "public_key": "a" * 43}
    made = await api.post("/v1/gateways/enrol", json=first)
    assert made.status_code == 200
    assert (await api.post("/v1/gateways/enrol", json=first)).json() == made.json()
    other = {"token": token, "public_key": "b" * 43}
    assert (await api.post("/v1/gateways/enrol", json=other)).status_code == 409
    unknown = {"token": "x", "public_key": "a" * 43}
    assert (await api.post("/v1/gateways/enrol", json=unknown)).status_code == 401


async def test_what_a_lost_machine_held_is_released_by_a_person_once(
    api: httpx2.AsyncClient, plane: Plane
) -> None:
    token = await plane.gateways.arm()
    enrolled = await api.post("/v1/gateways/enrol", json={"token": token, "public_key": "a" * 43})
    worker = new_id("wrk", now=plane.clock.now())
    [budget] = [b for b in (await api.get("/v1/budgets")).json()["items"] if b["period"] == "day"][
        :1
    ]
    window = window_start(Period.DAY, plane.clock.now().timestamp())
    ask = wire.LeaseAsk(new_id("slc", now=plane.clock.now()), budget["id"], window, 1, 10**9)
    granted = await plane.gateways.lease(ask, worker)
    hello = wire.Hello(enrolled.json()["subject"], "", worker, "boot", "node-7")
    await plane.gateways.ship(hello, wire.Ship(worker, 1, (wire.Seal(True),)))

    [lost] = (await api.get("/v1/workers/lost")).json()
    assert (lost["id"], lost["node"]) == (worker, "node-7")
    held = [b for b in (await api.get("/v1/budgets")).json()["items"] if b["id"] == budget["id"]]
    assert float(held[0]["set_aside_usd"]) == granted.amount / 1e9 == 1
    for freed in (1, 0):
        answer = await api.post(f"/v1/workers/{worker}/release")
        assert float(answer.json()["freed_usd"]) == freed
    assert (await api.get("/v1/workers/lost")).json() == []
    held = [b for b in (await api.get("/v1/budgets")).json()["items"] if b["id"] == budget["id"]]
    assert float(held[0]["set_aside_usd"]) == 0
    assert (await api.post("/v1/workers/wrk_unknown/release")).status_code == 404


async def test_a_new_key_reaches_the_gateways_and_an_equal_one_changes_nothing(
    api: httpx2.AsyncClient, plane: Plane
) -> None:
    before = await plane.gateways.snapshot()
    changed = await api.patch("/v1/providers/demo", json={"key": "sk-next"})
    assert changed.status_code == 200
    assert "sk-next" not in changed.text
    after = await plane.gateways.snapshot()
    assert after.version > before.version
    assert [row.secret for row in after.tables.providers] == ["sk-next"]
    same = {"key": "sk-next", "base_url": "http://127.0.0.1:1/v1"}
    assert (await api.patch("/v1/providers/demo", json=same)).status_code == 200
    assert (await plane.gateways.snapshot()).version == after.version
    assert not (await api.patch("/v1/providers/demo", json={"key": ""})).json()["has_key"]
    assert [row.secret for row in (await plane.gateways.snapshot()).tables.providers] == [""]
