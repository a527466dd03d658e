"""Real gateway processes when the store goes away, and when two of them share a small budget."""

from __future__ import annotations

import json
import random
from contextlib import AsyncExitStack
from pathlib import Path

from homarus.domains.call.tables import Call
from homarus.kit.clock import SystemClock
from homarus.store.engine import Store
from homarus.testing.flaky_store import FlakyStore
from homarus.testing.gateway_plane import GatewayProcess, Plane, serving_plane, until
from homarus.testing.gateway_rig import demo_model, exchange, post


async def say(gateway: GatewayProcess, key: str) -> bytes:
    body = json.dumps({"model": "demo", "messages": [{"role": "user", "content": "hi"}]}).encode()
    return (await exchange(gateway.port, post("/v1/chat/completions", body, key=key)))[:20]


async def ready(gateway: GatewayProcess) -> bool:
    raw = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    return b" 200 " in (await exchange(gateway.port, raw))[:20]


async def started(stack: AsyncExitStack, plane: Plane, home: Path, port: int) -> GatewayProcess:
    gateway = GatewayProcess(home, port)
    stack.push_async_callback(gateway.kill)
    await gateway.start(token=await plane.gateways.arm())
    await until(lambda: ready(gateway))
    return gateway


async def test_calls_go_on_while_the_store_is_away_and_are_booked_once(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        base_url = await stack.enter_async_context(demo_model())
        flaky = FlakyStore(sqlite_store, random.Random(1))
        plane = Plane.over(flaky, SystemClock())
        books = Plane.over(sqlite_store, SystemClock())
        key = await plane.furnish(base_url, limit_nano=50_000_000)
        port = await stack.enter_async_context(serving_plane(plane))
        gateway = await started(stack, plane, tmp_path / "gateway", port)
        for _ in range(4):  # what is asked for grows with what was spent
            assert b" 200 " in await say(gateway, key)
        flaky.down = True
        for _ in range(4):
            assert b" 200 " in await say(gateway, key)
        await until(lambda: _truth(bool(flaky.met)))
        flaky.down = False

        async def settled() -> list[Call]:
            calls = await books.ledger()
            return calls if len(calls) >= 8 and all(c.state == "done" for c in calls) else []

        calls = await until(settled, within_s=30)
        assert len(calls) == 8
        assert {w.spent for w in await books.windows()} == {sum(c.cost_nano for c in calls)}


async def test_what_one_worker_holds_idle_is_called_back_for_another(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        base_url = await stack.enter_async_context(demo_model())
        plane = Plane.over(sqlite_store, SystemClock())
        # Enough for one call as it is expected to be, and for many as they really are.
        key = await plane.furnish(base_url, limit_nano=700_000)
        port = await stack.enter_async_context(serving_plane(plane))
        one = await started(stack, plane, tmp_path / "one", port)
        two = await started(stack, plane, tmp_path / "two", port)
        assert b" 200 " in await say(one, key)
        [first] = {row.worker_id for row in await plane.slices()}
        held = max(window.exposure for window in await plane.windows())
        assert held > 700_000 / 2
        assert b" 200 " in await say(two, key)
        mine = [row for row in await plane.slices() if row.worker_id == first]
        assert min(row.amount - row.used for row in mine) == 0, "its idle part was handed back"


async def _truth(value: bool) -> bool:
    return value
