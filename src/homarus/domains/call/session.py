"""One gateway's session, from challenge to close."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import Protocol

import msgspec
import structlog

from homarus.domains.budget.service import Granted
from homarus.domains.call.hub import GatewayHub, Live
from homarus.domains.call.service import Folded
from homarus.domains.call.snapshot import between
from homarus.errors import HomarusError, Unavailable
from homarus.kit.clock import Clock
from homarus.kit.signal import wait_at_most
from homarus.protocol import gateway as wire

log = structlog.get_logger(__name__)

HELLO_WITHIN = timedelta(seconds=10)
CONFIRM_EVERY = timedelta(seconds=20)
RECALL_WAIT = timedelta(seconds=1.2)
RECALLING = "recalling"


class Channel(Protocol):
    """A WebSocket, less its framework."""

    async def send(self, frame: bytes) -> None: ...

    async def receive(self) -> bytes:
        """Raise `ChannelClosed` when the other side is gone."""
        ...

    async def close(self, code: int, reason: str) -> None: ...


class ChannelClosed(Exception):  # tells the session that it is over; never leaves it
    """The other side is gone."""


class Desk(Protocol):
    """What a session asks of the store; see `homarus.domains.call.service.GatewayService`."""

    pepper: bytes

    async def admit(self, hello: wire.Hello, nonce: str) -> int: ...

    async def snapshot(self) -> wire.Snapshot: ...

    async def lease(self, ask: wire.LeaseAsk, worker_id: str) -> Granted: ...

    async def ship(self, hello: wire.Hello, ship: wire.Ship) -> Folded: ...


class GatewaySession:
    """Runs one session over a channel; returns when it is over, whoever ended it."""

    def __init__(self, channel: Channel, desk: Desk, hub: GatewayHub, clock: Clock) -> None:
        self._channel = channel
        self._desk = desk
        self._hub = hub
        self._clock = clock
        self._leasing: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Challenge, admit, talk until either side ends it."""
        try:
            hello, acked = await self._handshake()
        except HomarusError as refused:
            await self._channel.close(wire.CLOSE_IDENTITY, refused.message)
            return
        except (ChannelClosed, TimeoutError, msgspec.MsgspecError):
            await self._channel.close(wire.CLOSE_IDENTITY, "no proper hello came")
            return
        live = Live(hello.worker)
        self._hub.open(live)
        try:
            await self._talk(hello, live, acked)
        finally:
            self._hub.lost(live)
            for task in self._leasing:
                task.cancel()

    async def _handshake(self) -> tuple[wire.Hello, int]:
        nonce = secrets.token_urlsafe(32)
        await self._send(wire.Challenge(nonce))
        async with asyncio.timeout(HELLO_WITHIN.total_seconds()):
            message = wire.decode_to_control(await self._channel.receive())
        if not isinstance(message, wire.Hello):
            raise msgspec.ValidationError("the first message must be hello")
        return message, await self._desk.admit(message, nonce)

    async def _talk(self, hello: wire.Hello, live: Live, acked: int) -> None:
        now = int(self._clock.now().timestamp() * 1e9)
        await self._send(wire.Welcome(now, acked, self._desk.pepper.hex()))
        log.info("gateway.session_began", worker=hello.worker)
        tasks = [
            asyncio.create_task(self._read(hello, live)),
            asyncio.create_task(self._pump(live)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            fault = None if task.cancelled() else task.exception()
            if fault is None or isinstance(fault, ChannelClosed):
                log.info("gateway.session_over", worker=hello.worker)
            elif isinstance(fault, HomarusError | msgspec.MsgspecError):
                log.warning("gateway.session_failed", worker=hello.worker, why=str(fault))
                await self._channel.close(1011, "the session failed; come again")
            else:
                log.error("gateway.session_failed", worker=hello.worker, exc_info=fault)
                await self._channel.close(1011, "the session failed; come again")

    async def _read(self, hello: wire.Hello, live: Live) -> None:
        while True:
            message = wire.decode_to_control(await self._channel.receive())
            match message:
                case wire.Ship():
                    folded = await self._desk.ship(hello, message)
                    if folded.gap:
                        await self._send(wire.Gap(message.worker, folded.acked))
                    else:
                        await self._send(wire.Acked(message.worker, folded.acked))
                case wire.LeaseAsk():
                    task = asyncio.create_task(self._lease(live, message))
                    self._leasing.add(task)
                    task.add_done_callback(self._leasing.discard)
                case wire.Applied():
                    self._hub.applied(live, message.version)
                case wire.Hello():
                    raise msgspec.ValidationError("a second hello")

    async def _lease(self, live: Live, ask: wire.LeaseAsk) -> None:
        """Answer one ask; near the limit, only after idle slices were called back."""
        try:
            granted = await self._desk.lease(ask, live.worker_id)
            if granted.recall and self._hub.recall(ask.budget, but=live.worker_id):
                await self._send(wire.Lease(ask.slice, 0, RECALLING))
                granted = await self._after_recall(live, ask)
            await self._send(
                wire.Lease(ask.slice, granted.amount, granted.reason, granted.low, granted.left)
            )
        except (Unavailable, ChannelClosed) as away:
            # The worker asks again with its next session; the slice id makes that harmless.
            log.info("gateway.lease_unanswered", worker=live.worker_id, why=str(away))

    async def _after_recall(self, live: Live, ask: wire.LeaseAsk) -> Granted:
        deadline = self._clock.monotonic() + RECALL_WAIT.total_seconds()
        while True:
            ticket = self._hub.returned.ticket()
            granted = await self._desk.lease(ask, live.worker_id)
            left = deadline - self._clock.monotonic()
            if granted.amount or left <= 0:
                return granted
            await wait_at_most(ticket, self._clock, timedelta(seconds=left))

    async def _pump(self, live: Live) -> None:
        sent = await self._desk.snapshot()
        await self._send(sent)
        while True:
            await wait_at_most(live.nudged, self._clock, CONFIRM_EVERY)
            live.nudged.clear()
            if live.replaced:
                await self._channel.close(wire.CLOSE_REPLACED, "a newer session stands")
                return
            while live.outbox:
                await self._send(live.outbox.pop(0))
            current = await self._desk.snapshot()
            for delta in between(sent, current):
                await self._send(delta)
            sent = current

    async def _send(self, message: wire.ToGateway) -> None:
        await self._channel.send(wire.encode(message))
