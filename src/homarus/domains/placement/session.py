"""One supervisor's session, from challenge to close. Everything it says is bound to its epoch.

Two tasks share a session: the reader takes what the supervisor says, the pump sends what is
new for it (pointer, commands) whenever it is nudged, and looks by itself now and then.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import msgspec
import structlog

from homarus.core.commands import FINAL
from homarus.domains.placement.hub import Live, SessionHub
from homarus.errors import HomarusError, Stale
from homarus.kit.clock import Clock
from homarus.kit.signal import wait_at_most
from homarus.protocol import supervisor as wire

log = structlog.get_logger(__name__)

HELLO_WITHIN = timedelta(seconds=10)
HEARTBEAT = timedelta(seconds=15)
SILENCE = timedelta(seconds=45)
LOOK_AGAIN = timedelta(seconds=20)


class Channel(Protocol):
    """A WebSocket, less its framework. ``receive`` raises `ChannelClosed` when it is over."""

    async def send(self, frame: bytes) -> None: ...

    async def receive(self) -> bytes: ...

    async def close(self, code: int, reason: str) -> None: ...


class ChannelClosed(Exception):
    """The other side is gone."""


class Refusal(Exception):
    """The session may not stand; the supervisor is told by ``code`` what that means for it."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Standing:
    """An accepted session: who, and under which epoch."""

    workspace_id: str
    bot_id: str
    generation: int
    epoch: int
    acked: int


class Desk(Protocol):
    """What a session asks of the store; `homarus.domains.placement.service` implements it."""

    async def admit(self, hello: wire.Hello, nonce: str) -> Standing: ...

    async def pointer(self, standing: Standing) -> wire.Pointer | None: ...

    async def unit(self, standing: Standing, digest: str) -> wire.RunUnit | None: ...

    async def secrets(
        self, standing: Standing, names: Sequence[str]
    ) -> tuple[int, dict[str, str], tuple[str, ...]]: ...

    async def commands(self, standing: Standing) -> Sequence[wire.Command]: ...

    async def reported(self, standing: Standing, report: wire.Report) -> None: ...

    async def result(self, standing: Standing, result: wire.Result) -> int: ...

    def delta(self, standing: Standing, delta: wire.Delta) -> None: ...


class SupervisorSession:
    """Runs one session over a channel; returns when it is over, whoever ended it."""

    def __init__(self, channel: Channel, desk: Desk, hub: SessionHub, clock: Clock) -> None:
        self._channel = channel
        self._desk = desk
        self._hub = hub
        self._clock = clock
        self._sent: set[str] = set()
        self._open: set[str] = set()
        """Commands told here whose end was not yet heard here: pieces are taken of them alone."""

    async def run(self) -> None:
        """Challenge, admit, talk until either side ends it."""
        try:
            standing = await self._handshake()
        except Refusal as refusal:
            await self._close(refusal.code, refusal.reason)
            return
        except (ChannelClosed, TimeoutError, msgspec.MsgspecError):
            await self._close(wire.CLOSE_IDENTITY, "no proper hello came")
            return
        live = Live(standing.bot_id, standing.generation, standing.epoch)
        self._hub.open(live)
        try:
            await self._talk(standing, live)
        finally:
            self._hub.lost(live)

    async def _handshake(self) -> Standing:
        nonce = secrets.token_urlsafe(32)
        await self._send(wire.Challenge(nonce))
        async with asyncio.timeout(HELLO_WITHIN.total_seconds()):
            message = wire.decode_to_control(await self._channel.receive())
        if not isinstance(message, wire.Hello):
            raise Refusal(wire.CLOSE_IDENTITY, "the first message must be hello")
        return await self._desk.admit(message, nonce)

    async def _talk(self, standing: Standing, live: Live) -> None:
        pointer = await self._desk.pointer(standing)
        if pointer is None:
            await self._close(wire.CLOSE_FENCED, "the bot is gone")
            return
        await self._send(
            wire.Welcome(
                epoch=standing.epoch,
                heartbeat_s=HEARTBEAT.total_seconds(),
                server_time=self._clock.now().isoformat(),
                desired=pointer,
                acked=standing.acked,
            )
        )
        # Before anything is heard: who reads along must not miss what comes right after.
        await self._send_commands(standing)
        reader = asyncio.create_task(self._read(standing, live))
        pump = asyncio.create_task(self._pump(standing, live, pointer))
        try:
            done, _ = await asyncio.wait({reader, pump}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            reader.cancel()
            pump.cancel()
            await asyncio.gather(reader, pump, return_exceptions=True)
        for task in done:
            _say_why(task, standing)
        # Nobody is left to wonder: what the hub decided reaches the supervisor, even where
        # its own late frame ended the session first.
        await self._close(live.closing or _code_of(done), "this session is over")

    async def _read(self, standing: Standing, live: Live) -> None:
        while True:
            async with asyncio.timeout(SILENCE.total_seconds()):
                frame = await self._channel.receive()
            await self._take(standing, live, wire.decode_to_control(frame))

    async def _take(self, standing: Standing, live: Live, message: wire.ToControl) -> None:
        match message:
            case wire.Heartbeat():
                pass  # any frame proves life; the report it confirms is already held
            case wire.Status(epoch=standing.epoch):
                await self._desk.reported(standing, message.report)
                self._hub.reported(live, message.report)
            case wire.Result(epoch=standing.epoch):
                acked = await self._desk.result(standing, message)
                if message.state in FINAL:
                    self._open.discard(message.key)
                    live.nudged.set()  # a look tells so many at once: there is room for the next
                if message.seq:
                    await self._send(wire.Acked(acked))
            case wire.Delta(epoch=standing.epoch) if message.key in self._open:
                self._desk.delta(standing, message)
            case wire.UnitGet():
                unit = await self._desk.unit(standing, message.digest)
                if unit is not None:
                    await self._send(wire.Unit(message.id, unit))
            case wire.SecretsGet():
                version, values, missing = await self._desk.secrets(standing, message.names)
                await self._send(wire.Secrets(message.id, version, values, missing))
            case _:
                log.info("frame_dropped", bot=standing.bot_id, kind=type(message).__name__)

    async def _pump(self, standing: Standing, live: Live, sent: wire.Pointer) -> None:
        while True:
            live.nudged.clear()
            if live.closing:
                return
            pointer = await self._desk.pointer(standing)
            if pointer is None:
                await self._close(wire.CLOSE_FENCED, "the bot is gone")
                return
            if pointer != sent:
                await self._send(wire.Desired(pointer))
                sent = pointer
            await self._send_commands(standing)
            await wait_at_most(live.nudged, self._clock, LOOK_AGAIN)

    async def _send_commands(self, standing: Standing) -> None:
        """Each command once a session: a reconnect tells it again, the journal makes it safe."""
        for command in await self._desk.commands(standing):
            if command.key not in self._sent:
                self._sent.add(command.key)
                self._open.add(command.key)
                await self._send(command)

    async def _close(self, code: int, reason: str) -> None:
        with suppress(ChannelClosed):
            await self._channel.close(code, reason)

    async def _send(self, message: wire.ToSupervisor) -> None:
        await self._channel.send(wire.encode(message))


def _code_of(done: set[asyncio.Task[None]]) -> int:
    """How the supervisor should take the end: replaced by a newer session, or try again."""
    replaced = any(not t.cancelled() and isinstance(t.exception(), Stale) for t in done)
    return wire.CLOSE_REPLACED if replaced else 1000


def _say_why(task: asyncio.Task[None], standing: Standing) -> None:
    fault = task.exception() if not task.cancelled() else None
    where = {"bot": standing.bot_id, "generation": standing.generation}
    match fault:
        case None | ChannelClosed():
            log.info("session_over", **where)
        case TimeoutError():
            log.info("session_silent", **where)
        case Stale():
            log.info("session_replaced", **where)
        case HomarusError() | msgspec.MsgspecError():
            log.warning("session_failed", why=str(fault), **where)
        case _:
            log.error("session_failed", exc_info=fault, **where)
