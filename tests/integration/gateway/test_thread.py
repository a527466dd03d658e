"""A model call end to end: a real gateway process, the demo model, and the control plane."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from homarus.domains.call.tables import Call
from homarus.kit.clock import SystemClock
from homarus.store.engine import Store
from homarus.testing.gateway_plane import GatewayProcess, Plane, gateway_process, until
from homarus.testing.gateway_rig import demo_model, exchange, post

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"traceparent: 00-{TRACE}-00f067aa0ba902b7-01"


@dataclass
class Thread:
    plane: Plane
    gateway: GatewayProcess
    key: str
    home: Path

    async def say(self, text: str, *extra: str, key: str = "", **members: object) -> bytes:
        messages = [{"role": "user", "content": text}]
        body = json.dumps({"model": "demo", "messages": messages, **members}).encode()
        raw = post("/v1/chat/completions", body, *extra, key=key or self.key)
        return await exchange(self.gateway.port, raw)

    async def ready(self) -> bool:
        raw = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        return b" 200 " in (await exchange(self.gateway.port, raw))[:20]

    async def settled(self) -> list[Call]:
        calls = await self.plane.ledger()
        return calls if calls and all(call.state != "open" for call in calls) else []


@pytest.fixture
async def thread(sqlite_store: Store, tmp_path: Path) -> AsyncIterator[Thread]:
    async with AsyncExitStack() as stack:
        base_url = await stack.enter_async_context(demo_model())
        plane = Plane.over(sqlite_store, SystemClock())
        key = await plane.furnish(base_url, limit_nano=5_000_000)
        home = tmp_path / "gateway"
        gateway = await stack.enter_async_context(gateway_process(plane, home))
        made = Thread(plane, gateway, key, home)
        await until(made.ready)
        yield made


async def test_a_call_is_answered_priced_and_recorded_with_its_trace(thread: Thread) -> None:
    answer = await thread.say("hello", PARENT)
    assert b" 200 OK" in answer[:20]
    assert b"Homarus demo model" in answer
    [call] = await until(thread.settled)
    assert (call.state, call.trace_id, call.bot_id) == ("done", TRACE, "bot_1")
    assert call.usage_source == "reported"
    assert call.output_tokens == 55
    # The demo's pretend price: 0.10 and 0.40 dollars per million tokens.
    assert call.cost_nano == call.input_tokens * 100 + 55 * 400
    windows = await thread.plane.windows()
    assert [window.spent for window in windows] == [call.cost_nano] * 2


async def test_a_used_up_budget_refuses_at_once_and_names_itself(thread: Thread) -> None:
    refused = b""
    for _ in range(60):
        answer = await thread.say("demo:words 400", max_completion_tokens=1_000)
        if b" 400 " in answer[:20]:
            refused = answer
            break
    assert b"budget of bot hello" in refused
    assert b"budget_exceeded" in refused
    low = min(await thread.plane.windows(), key=lambda window: window.exposure)
    assert 0 < low.spent + low.exposure <= 5_000_000 + low.overdraft


async def test_a_call_dearer_than_what_is_left_is_told_so_and_a_cheap_one_is_made(
    thread: Thread,
) -> None:
    dear = await thread.say("word " * 80_000)
    assert b" 400 " in dear[:20]
    assert b"This call may cost up to $0.01" in dear
    assert b"the budget of bot hello has $0.005 left in its current window" in dear

    async def served() -> bool:
        return b" 200 OK" in (await thread.say("hello"))[:20]

    assert await until(served), "the refusal of one call is not the end of the budget"


async def test_a_revoked_key_is_dead_when_the_gateways_say_so(thread: Thread) -> None:
    assert b" 200 OK" in (await thread.say("hello"))[:20]
    async with thread.plane.store.begin() as session:
        await thread.plane.keys.revoke(session, bot_id="bot_1")
        version = await thread.plane.keys.version(session)
    assert await thread.plane.hub.wait_applied(version, within=timedelta(seconds=5))
    assert b" 401 " in (await thread.say("hello"))[:20]


async def test_a_paused_bot_is_refused_and_served_again_after_resuming(thread: Thread) -> None:
    for paused, status in ((True, b" 400 "), (False, b" 200 ")):
        async with thread.plane.store.begin() as session:
            await thread.plane.keys.set_paused(session, bot_id="bot_1", paused=paused)
            version = await thread.plane.keys.version(session)
        await thread.plane.hub.wait_applied(version, within=timedelta(seconds=5))
        assert status in (await thread.say("hello"))[:20]


async def test_a_killed_gateway_leaves_an_interrupted_call_at_its_estimate(
    thread: Thread,
) -> None:
    stalled = asyncio.create_task(thread.say("demo:fault stall"))
    await until(thread.plane.ledger)
    await thread.gateway.kill()
    assert await stalled == b""
    await thread.gateway.start()
    [call] = await until(thread.settled)
    assert call.state == "interrupted"
    assert call.cost_nano > 0
    for window in await thread.plane.windows():
        assert (window.spent, window.exposure) == (call.cost_nano, 0)
    await until(thread.ready)
    assert b" 200 OK" in (await thread.say("hello"))[:20]


async def test_a_gateway_asked_to_end_hands_everything_in(thread: Thread) -> None:
    await thread.say("hello")
    assert await thread.gateway.stop() == 0
    [call] = await thread.plane.ledger()
    assert call.state == "done"
    assert all(window.exposure == 0 for window in await thread.plane.windows())
    assert list((thread.home / "spool").iterdir()) == []


async def test_it_restarts_and_authenticates_without_the_control_plane(
    sqlite_store: Store, tmp_path: Path
) -> None:
    home = tmp_path / "gateway"
    async with demo_model() as base_url:
        plane = Plane.over(sqlite_store, SystemClock())
        key = await plane.furnish(base_url, limit_nano=5_000_000)
        async with gateway_process(plane, home) as gateway:
            made = Thread(plane, gateway, key, home)
            await until(made.ready)
            await until(lambda: _exists(home / "snapshot.sealed"))
            await gateway.kill()
        # The API is gone now; the sealed snapshot is not.
        await gateway.start()
        try:
            assert await made.ready()
            assert key.encode() not in (home / "snapshot.sealed").read_bytes()
            assert b"sk-demo" not in (home / "snapshot.sealed").read_bytes()
            assert b" 401 " in (await made.say("hello", key="no-key-of-ours"))[:20]
            younger = await made.say("hello", key="hmb_given_out_since")
            assert b" 503 " in younger[:20]
            assert b"cannot ask the control plane" in younger
            assert b"more allowance" in await made.say("hello")  # known, and none left
        finally:
            await gateway.kill()


async def _exists(path: Path) -> bool:
    return path.exists()  # noqa: ASYNC240 - a glance at a local file
