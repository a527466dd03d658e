"""Connections to providers: a pool per origin, one exchange at a time on each.

The stale keep-alive rule is the pool user's: `Fault.STALE` says that a *reused* connection
closed before one byte of the answer came, the only case in which sending again is safe.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, cast

import httptools
import msgspec

from homarus.gateway.wire.limits import NEVER, Limits, Reaper


class Origin(msgspec.Struct, frozen=True):
    """Where a provider listens."""

    host: str
    port: int
    tls: bool


class Fault(StrEnum):
    """Why no (whole) answer came."""

    CONNECT = "connect"
    STALE = "stale"
    CUT = "cut"
    GARBAGE = "garbage"
    TIMEOUT = "timeout"


class Answer(Protocol):
    """Who receives what a provider says. After `on_done` or `on_fault` nothing more comes."""

    def on_connection(self, connection: Outbound) -> None:
        """A connection stands and is ours: send the request now."""
        ...

    def on_head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None: ...

    def on_data(self, data: bytes) -> None: ...

    def on_done(self) -> None: ...

    def on_fault(self, fault: Fault) -> None: ...


class Outbound(asyncio.Protocol):
    """The protocol object of one connection to a provider."""

    def __init__(self, pool: Pool, origin: Origin) -> None:
        self._pool = pool
        self.origin = origin
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: Answer | None = None
        self.used = 0
        self._heard = False
        self._head_done = False
        self._until_close = False
        self._complete = False
        self._bad = False
        self._kept = False
        self._size = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self.deadline = NEVER

    # ---- use

    def ask(self, answer: Answer, request: bytes) -> None:
        """Send ``request``; ``answer`` hears what comes back."""
        self._answer = answer
        self.used += 1
        self._heard = self._head_done = self._until_close = self._complete = False
        self._size = 0
        self._headers = []
        self.deadline = self._pool.reaper.monotonic() + self._pool.limits.answer_wait
        if self._transport is not None:
            self._transport.write(request)

    def hold(self, held: bool) -> None:
        """Stop or go on reading."""
        if self._transport is None or self._transport.is_closing():
            return
        if held:
            self._transport.pause_reading()
            self.deadline = NEVER
        else:
            self._transport.resume_reading()
            self.deadline = self._pool.reaper.monotonic() + self._pool.limits.answer_wait

    def drop(self) -> None:
        """Forget the exchange under way and close."""
        self._answer = None
        self.close()

    def close(self) -> None:
        self.deadline = NEVER
        if self._transport is not None:
            self._transport.abort()

    @property
    def usable(self) -> bool:
        """Idle, open, and nothing unexpected came."""
        return self._transport is not None and not self._transport.is_closing()

    # ---- transport callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._pool.reaper.watched.add(self)

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.close()  # nobody asked: whatever this is, it is no answer
            return
        self._heard = True
        self.deadline = self._pool.reaper.monotonic() + self._pool.limits.answer_wait
        try:
            self._parser.feed_data(data)
        except (
            httptools.HttpParserError,
            httptools.HttpParserCallbackError,
            httptools.HttpParserUpgrade,
        ):
            self._bad = True
        if self._bad:
            self._fail(Fault.GARBAGE)
        elif self._complete:
            self._done()
        elif not self._head_done:
            self._size += len(data)
            if self._size > self._pool.limits.head * 2:
                self._fail(Fault.GARBAGE)

    def connection_lost(self, exc: Exception | None) -> None:
        self.deadline = NEVER
        self._pool.reaper.watched.discard(self)
        self._pool.forget(self)
        if self._answer is None:
            return
        if self._until_close and exc is None:
            self._done()
        elif not self._heard:
            self._fail(Fault.STALE if self.used > 1 else Fault.CUT)
        else:
            self._fail(Fault.CUT)

    def expire(self) -> None:
        if self._answer is None:
            self.close()
        else:
            self._fail(Fault.TIMEOUT)

    # ---- parser callbacks

    def on_message_begin(self) -> None:
        if self._complete:
            self._bad = True  # a second answer to one request

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_done:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            self._headers = []
            self._bad = self._bad or status == 101
            return
        framed = status in (204, 304)
        for name, _ in self._headers:
            framed = framed or name in (b"content-length", b"transfer-encoding")
        self._until_close = not framed
        # Asked here: once the message is complete the parser has forgotten.
        self._kept = self._parser.should_keep_alive()
        self._head_done = True
        if self._answer is not None:
            self._answer.on_head(status, self._headers)

    def on_body(self, data: bytes) -> None:
        if self._answer is not None and not self._complete:
            self._answer.on_data(data)

    def on_message_complete(self) -> None:
        if self._head_done:
            self._complete = True

    # ---- endings

    def _done(self) -> None:
        answer, self._answer = self._answer, None
        reusable = not self._until_close and self._kept
        if reusable and self.usable:
            self.deadline = self._pool.reaper.monotonic() + self._pool.limits.spare_wait
            self._pool.give_back(self)
        else:
            self.close()
        if answer is not None:
            answer.on_done()

    def _fail(self, fault: Fault) -> None:
        answer, self._answer = self._answer, None
        self.close()
        if answer is not None:
            answer.on_fault(fault)


class Pool:
    """Idle connections by origin, last used first."""

    def __init__(
        self,
        limits: Limits,
        reaper: Reaper,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self.limits = limits
        self.reaper = reaper
        self._trust = trust
        self._context: ssl.SSLContext | None = None
        self._idle: dict[Origin, list[Outbound]] = {}
        self._opening: set[asyncio.Task[None]] = set()

    def take(self, origin: Origin, answer: Answer, *, fresh: bool = False) -> Callable[[], None]:
        """Call ``answer.on_connection`` with a connection: at once if one is idle, else soon.

        ``fresh`` never reuses one. Returns what cancels the opening; no use afterwards.
        """
        idle = self._idle.get(origin)
        while idle and not fresh:
            connection = idle.pop()
            if connection.usable:
                answer.on_connection(connection)
                return _nothing
        task = asyncio.get_running_loop().create_task(self._open(origin, answer))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return lambda: _cancel(task)

    def give_back(self, connection: Outbound) -> None:
        idle = self._idle.setdefault(connection.origin, [])
        if len(idle) < self.limits.spare_connections:
            idle.append(connection)
        else:
            connection.close()

    def forget(self, connection: Outbound) -> None:
        idle = self._idle.get(connection.origin)
        if idle and connection in idle:
            idle.remove(connection)

    def close(self) -> None:
        """Close every idle connection and give up every opening."""
        for task in list(self._opening):
            task.cancel()
        for idle in list(self._idle.values()):
            for connection in list(idle):
                connection.close()

    async def _open(self, origin: Origin, answer: Answer) -> None:
        context = None
        if origin.tls:
            self._context = self._context or self._trust()
            context = self._context
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.limits.connect_wait):
                _, connection = await loop.create_connection(
                    lambda: Outbound(self, origin), origin.host, origin.port, ssl=context
                )
        except (OSError, TimeoutError):  # refused, unknown host, bad certificate, too slow
            answer.on_fault(Fault.CONNECT)
            return
        answer.on_connection(connection)


def _nothing() -> None:
    return


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
