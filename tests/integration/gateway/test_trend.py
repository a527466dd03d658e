"""What calls add up to day by day, and how calls are found again, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from homarus.kit.ids import new_id
from homarus.protocol import gateway as wire
from homarus.store.engine import Store
from homarus.store.tables import OutboxRow
from homarus.testing.api import api_client
from homarus.testing.clock import START, VirtualClock
from homarus.testing.gateway_plane import Plane

LATE = START + timedelta(days=40, hours=23, minutes=59)


class Ledger:
    """A worker that tells of calls which never were."""

    def __init__(self, plane: Plane, gateway: str) -> None:
        self.plane = plane
        self.worker = new_id("wrk", now=plane.clock.now())
        self.hello = wire.Hello(gateway, "", self.worker, "boot", "node")
        self.seq = 0

    async def tell(self, *records: wire.Record) -> None:
        shipped = wire.Ship(self.worker, self.seq + 1, records)
        assert not (await self.plane.gateways.ship(self.hello, shipped)).gap
        self.seq += len(records)

    async def call(
        self, at: datetime, outcome: str = "done", *, model: str = "demo", price: str = "prc_1"
    ) -> None:
        workspace = self.plane.owner.workspace_id
        nano = int(at.timestamp()) * 10**9
        opened = wire.Open(
            nano, workspace, "bot_1", 1, "0" * 32, model, "prv_1", f"{model}-1", "openai",
            False, False, price, 5, (),
        )  # fmt: skip
        await self.tell(opened)
        if outcome != "open":
            usage, cost = wire.Usage(10, 5, 1, 20), 2_000_000 if price else 0
            closed = wire.Close(
                self.seq, nano + 10**9, 0, outcome, 200, "", usage, "reported", price, cost, ()
            )
            await self.tell(closed)


@pytest.fixture
async def ledger(store: Store, clock: VirtualClock) -> Ledger:
    await clock.advance(LATE - START)
    plane = Plane.over(store, clock)
    await plane.furnish("http://127.0.0.1:1/v1", limit_nano=5_000_000_000)
    async with api_client(plane.app(8700), "owner") as api:
        asked = {"token": await plane.gateways.arm(), "public_key": "a" * 43}
        enrolled = (await api.post("/v1/gateways/enrol", json=asked)).json()
    return Ledger(plane, enrolled["subject"])


@pytest.fixture
async def api(ledger: Ledger) -> AsyncIterator[httpx2.AsyncClient]:
    async with api_client(ledger.plane.app(8700), "owner") as client:
        yield client


async def test_every_day_is_there_with_what_began_on_it(
    ledger: Ledger, api: httpx2.AsyncClient
) -> None:
    midnight = LATE.replace(hour=0, minute=0)
    await ledger.call(midnight - timedelta(seconds=1))  # it ends on the next day
    for outcome in ("failed", "cut", "cancelled", "done", "open"):
        await ledger.call(midnight, outcome)
    await ledger.call(LATE, price="")
    await ledger.call(midnight - timedelta(days=3))

    days = (await api.get("/v1/calls/trend", params={"days": 3})).json()["days"]
    assert [day["day"] for day in days] == ["2030-02-08", "2030-02-09", "2030-02-10"]
    counted = [(d["calls"], d["failed"], d["unpriced_calls"]) for d in days]
    assert counted == [(0, 0, 0), (1, 0, 0), (5, 2, 1)]
    last: dict[str, Any] = days[2]
    assert (last["input_tokens"], last["output_tokens"]) == (80, 100)
    assert [float(day["cost_usd"]) for day in days] == [0, 0.002, 0.008]

    await ledger.tell(wire.Seal(True))  # its machine went down: the open one was interrupted
    days = (await api.get("/v1/calls/trend", params={"days": 1})).json()["days"]
    assert [(day["calls"], day["failed"]) for day in days] == [(6, 3)]
    assert len((await api.get("/v1/calls/trend", params={"days": 90})).json()["days"]) == 90
    for wrong in (0, 91):
        assert (await api.get("/v1/calls/trend", params={"days": wrong})).status_code == 422


async def test_calls_are_found_by_route_model_and_moment(
    ledger: Ledger, api: httpx2.AsyncClient
) -> None:
    noon = datetime(2030, 2, 1, 12, tzinfo=UTC)
    for hours, model in ((0, "demo"), (1, "smart"), (2, "demo")):
        await ledger.call(noon + timedelta(hours=hours), model=model)

    async def found(**wanted: str) -> list[tuple[str, str]]:
        items = (await api.get("/v1/calls", params=wanted)).json()["items"]
        return [(call["started_at"][11:13], call["model"]) for call in items]

    assert await found(route="smart") == await found(model="smart-1") == [("13", "smart")]
    assert await found(since="2030-02-01T13:00:00Z") == [("14", "demo"), ("13", "smart")]
    assert await found(since="2030-02-01T13:00:00.0005Z") == [("14", "demo")]
    assert await found(since="2030-02-01T15:30:00+02:00", route="demo") == [("14", "demo")]
    assert len(await found(since="0001-01-01T00:00:00Z")) == 3
    assert (await api.get("/v1/calls", params={"since": "yesterday"})).status_code == 422


async def test_who_follows_events_is_told_once_for_each_batch(ledger: Ledger) -> None:
    await ledger.call(LATE)
    again = wire.Ship(ledger.worker, 1, ())
    await ledger.plane.gateways.ship(ledger.hello, again)
    async with ledger.plane.store.read() as session:
        told = (await session.execute(select(OutboxRow.kind, OutboxRow.workspace_id))).all()
    mine = ledger.plane.owner.workspace_id
    assert [tuple(row) for row in told if row.kind == "call.recorded"] == [
        ("call.recorded", mine)
    ] * 2  # it began, and it ended
