"""The event stream: resumed without loss, and only what the caller may see."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from starlette.types import Message

from homarus.core.scopes import Role
from homarus.store.outbox import emit
from homarus.testing.api import Installation
from homarus.testing.clock import VirtualClock
from homarus.web.events import HEARTBEAT


class Stream:
    """One open event stream, read frame by frame (an ordinary client waits for its end)."""

    def __init__(self, ours: Installation, token: str, last: str = "") -> None:
        self._sent: asyncio.Queue[Message] = asyncio.Queue()
        self._left = asyncio.Event()
        headers = [(b"host", b"127.0.0.1:8700"), (b"authorization", f"Bearer {token}".encode())]
        if last:
            headers.append((b"last-event-id", last.encode()))
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/v1/events",
            "raw_path": b"/v1/events",
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8700),
        }
        self._task = asyncio.create_task(ours.app(scope, self._receive, self._sent.put))
        self._begun = False

    async def _receive(self) -> Message:
        if not self._begun:
            self._begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> bytes:
        while True:
            message = await asyncio.wait_for(self._sent.get(), 10)
            if message["type"] == "http.response.body":
                return bytes(message["body"])

    async def leave(self) -> None:
        self._left.set()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def _open(ours: Installation, token: str, last: str = "") -> AsyncIterator[Stream]:
    stream = Stream(ours, token, last)
    assert await stream.next() == b": connected\n\n"
    yield stream
    await stream.leave()


async def _tell(ours: Installation, clock: VirtualClock, kind: str, **data: str) -> None:
    async with ours.store.begin() as session:
        emit(
            session,
            workspace_id=ours.owner.workspace_id,
            kind=kind,
            subject_id="x",
            at=clock.now(),
            data=data,
        )
    await clock.advance(timedelta(milliseconds=1))
    while await ours.foundation.sequencer.turn():
        pass


async def _after_a_while(stream: Stream, clock: VirtualClock) -> bytes:
    """The next frame, with time going by until it comes (the store answers from threads)."""
    coming = asyncio.create_task(stream.next())
    while not coming.done():
        await clock.advance(HEARTBEAT)
    return await coming


def _id(frame: bytes) -> str:
    return frame.split(b"\n")[0].removeprefix(b"id: ").decode()


async def test_events_come_as_they_are_numbered_and_resume_misses_nothing(
    installation: Installation, clock: VirtualClock
) -> None:
    await _tell(installation, clock, "bot.before")
    async for stream in _open(installation, installation.owner_token):
        await _tell(installation, clock, "bot.created", fleet="f")
        frame = await stream.next()
    lines = frame.decode().split("\n")
    assert lines[1] == "event: bot.created"
    assert json.loads(lines[2].removeprefix("data: "))["fleet"] == "f"

    await _tell(installation, clock, "bot.updated")
    await _tell(installation, clock, "bot.deleted")
    seen = []
    async for stream in _open(installation, installation.owner_token, last=_id(frame)):
        seen = [(await stream.next()).split(b"\n")[1] for _ in range(2)]
    assert seen == [b"event: bot.updated", b"event: bot.deleted"]


async def test_nobody_sees_what_they_may_not_ask_for(
    installation: Installation, clock: VirtualClock
) -> None:
    _, viewer = await installation.add_user("viewer", Role.VIEWER)
    _, fleet = await installation.add_user("fleet", Role.VIEWER, fleet="f")
    _, stranger = await installation.add_stranger()
    for token, expected in (
        (viewer, [b"event: bot.one", b"event: bot.two"]),
        (fleet, [b"event: bot.two"]),
    ):
        async for stream in _open(installation, token):
            await _tell(installation, clock, "secret.changed")
            await _tell(installation, clock, "bot.one", fleet="g")
            await _tell(installation, clock, "bot.two", fleet="f")
            seen = [(await stream.next()).split(b"\n")[1] for _ in expected]
            assert seen == expected
    async for stream in _open(installation, stranger, last="0"):
        assert await _after_a_while(stream, clock) == b": still here\n\n"


async def test_who_is_locked_out_loses_the_stream(
    installation: Installation, clock: VirtualClock
) -> None:
    who, token = await installation.add_user("ann", Role.VIEWER)
    async for stream in _open(installation, token):
        async with installation.client(installation.owner_token) as owner:
            await owner.delete(f"/v1/users/{who.id}")
        assert await _after_a_while(stream, clock) == b"", "the stream ends"


async def test_who_is_locked_out_loses_the_stream_while_events_flow(
    installation: Installation, clock: VirtualClock
) -> None:
    who, token = await installation.add_user("ann", Role.VIEWER)
    async for stream in _open(installation, token):
        await _tell(installation, clock, "bot.before", fleet="f")
        assert b"bot.before" in await stream.next()
        async with installation.client(installation.owner_token) as owner:
            await owner.delete(f"/v1/users/{who.id}")
        seen = []
        # Never a silence of a heartbeat's length.
        for second in range(0, int(HEARTBEAT.total_seconds()) + 5, 5):
            await _tell(installation, clock, f"bot.at_{second}", fleet="f")
            seen.append(await stream.next())
            if seen[-1] == b"":
                break
            await clock.advance(timedelta(seconds=5))
        assert seen[-1] == b"", "the stream ends"
        assert len(seen) <= 4


async def test_a_foreign_id_is_refused(installation: Installation) -> None:
    async with installation.client(installation.owner_token) as owner:
        answer = await owner.get("/v1/events", headers={"last-event-id": "x"})
        assert answer.status_code == 422
