"""The gateway's line to the control plane: configuration and money come, records go.

It may be down for hours: calls go on inside what is leased. Everything sent is repeated until
it is answered, and every repetition is harmless on the other side.
"""

from __future__ import annotations

import asyncio
import random
import socket
from datetime import timedelta

import msgspec
import structlog
import websockets
from websockets.asyncio.client import ClientConnection, connect

from homarus.errors import DiskFull, HomeNotWritable
from homarus.gateway.home import Cached, GatewayHome, Identity, boot_id
from homarus.gateway.snapshot import build
from homarus.gateway.spool import Kind, Place, Spool
from homarus.gateway.worker import Worker
from homarus.kit.clock import Clock
from homarus.protocol import gateway as wire
from homarus.protocol.identity import sign

log = structlog.get_logger(__name__)

SHIP_EVERY = timedelta(milliseconds=100)
_LONGEST_PAUSE = 1.0
"""Gateways are few, and until one is back the keys of new placements are unknown to it."""


class Shipment:
    """One spool on its way to the ledger, one batch at a time."""

    def __init__(self, worker: str, spool: Spool) -> None:
        self.worker = worker
        self.spool = spool
        self.place: Place = spool.start()
        """Behind the last record that is known to be folded."""
        self.next: Place | None = None
        self.stuck = False

    @property
    def done(self) -> bool:
        """Everything written is folded."""
        return self.place.seq >= self.spool.seq

    def batch(self) -> bytes | None:
        """Return the next frame to send; None while one is under way or nothing is new."""
        if self.next is not None or self.done or self.stuck:
            return None
        records, after = self.spool.read(self.place, wire.MAX_BATCH)
        if not records:
            return None
        self.next = after
        return wire.encode_ship(self.worker, after.seq - len(records) + 1, records)

    def acked(self, seq: int) -> None:
        """The control plane has everything up to ``seq``."""
        if self.next is not None and seq >= self.next.seq:
            self.place, self.next = self.next, None
            self.spool.forget(seq)

    def gap(self, seq: int) -> None:
        """Records between ``seq`` and what we sent are missing there: go back to our oldest."""
        self.next = None
        oldest = self.spool.start()
        if oldest == self.place:
            self.stuck = True
            log.error("gateway.records_missing", worker=self.worker, folded=seq)
        self.place = oldest

    def again(self) -> None:
        """The session broke: what was under way is sent once more."""
        self.next = None


class Link:
    """Keeps a session standing. `run` until cancelled."""

    def __init__(
        self,
        worker: Worker,
        identity: Identity,
        home: GatewayHome,
        control_url: str,
        clock: Clock,
        *,
        leftovers: list[Shipment],
    ) -> None:
        self._worker = worker
        self._identity = identity
        self._home = home
        self._url = control_url.replace("http", "ws", 1) + identity.session_path
        self._clock = clock
        self._own = Shipment(worker.id, worker.spool)
        self._shipments = [*leftovers, self._own]
        self._pepper = b""
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._unsaved = False

    async def run(self) -> None:
        """Connect, talk, and connect again with growing, jittered pauses."""
        failures = 0
        while True:
            began = self._clock.monotonic()
            try:
                await self._session()
            except (OSError, TimeoutError, websockets.WebSocketException) as fault:
                log.info("gateway.link_down", why=f"{type(fault).__name__}: {fault}")
            except msgspec.MsgspecError as fault:
                log.warning("gateway.link_nonsense", why=str(fault))
            finally:
                self._worker.leases.transmit = None
                self._worker.current = False
                for shipment in self._shipments:
                    shipment.again()
            failures = 0 if self._clock.monotonic() - began > _LONGEST_PAUSE else failures + 1
            longest = min(_LONGEST_PAUSE, 0.25 * 2**failures)
            pause = random.uniform(longest / 4, longest)  # noqa: S311 - spreads reconnects
            await self._clock.sleep(timedelta(seconds=pause))

    async def settle(self, *, within: float) -> bool:
        """Wait until everything written is folded; False: not in time, the next start goes on."""
        deadline = self._clock.monotonic() + within
        while not self._own.done and self._clock.monotonic() < deadline:
            await self._clock.sleep(timedelta(milliseconds=20))
        return self._own.done

    async def _session(self) -> None:
        async with connect(
            self._url,
            max_size=wire.MAX_FRAME,
            compression=None,
            open_timeout=10,
            close_timeout=1,
            ping_interval=20,
            ping_timeout=20,
            proxy=None,
        ) as line:
            await self._introduce(line)
            self._out = asyncio.Queue()
            self._worker.leases.resumed(self._tell)
            tasks = [
                asyncio.create_task(step)
                for step in (self._listen(line), self._send(line), self._ship(), self._keep())
            ]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            for task in done:
                task.result()

    async def _introduce(self, line: ClientConnection) -> None:
        challenge = wire.decode_to_gateway(await line.recv())
        if not isinstance(challenge, wire.Challenge):
            raise msgspec.ValidationError("no challenge came first")
        subject = self._identity.subject
        signature = sign(self._identity.key(), subject=subject, nonce=challenge.nonce)
        node = socket.gethostname()
        await self._say(line, wire.Hello(subject, signature, self._worker.id, boot_id(), node))
        welcome = wire.decode_to_gateway(await line.recv())
        if not isinstance(welcome, wire.Welcome):
            raise msgspec.ValidationError("no welcome came")
        self._pepper = bytes.fromhex(welcome.pepper)
        self._worker.skew = welcome.server_time / 1e9 - self._clock.now().timestamp()
        log.info("gateway.linked", worker=self._worker.id)

    async def _listen(self, line: ClientConnection) -> None:
        async for frame in line:
            message = wire.decode_to_gateway(frame)
            match message:
                case wire.Snapshot():
                    self._worker.load(build(message.version, self._pepper, message.tables))
                    self._obeyed(message.version)
                case wire.Delta():
                    if not self._worker.apply(message):
                        raise msgspec.ValidationError("a delta that does not follow")
                    self._obeyed(message.version)
                case wire.Lease():
                    self._worker.leases.answered(message)
                case wire.Acked():
                    for shipment in self._of(message.worker):
                        shipment.acked(message.seq)
                case wire.Gap():
                    for shipment in self._of(message.worker):
                        shipment.gap(message.acked)
                case wire.Recall():
                    self._worker.give_back(self._worker.slices.surrender(message.budget))
                case _:
                    raise msgspec.ValidationError(f"unexpected {type(message).__name__}")

    def _obeyed(self, version: int) -> None:
        self._worker.confirm()
        self._worker.current = True
        self._unsaved = True
        self._tell(wire.Applied(version))

    def _of(self, worker: str) -> list[Shipment]:
        return [shipment for shipment in self._shipments if shipment.worker == worker]

    def _tell(self, message: wire.ToControl) -> None:
        self._out.put_nowait(wire.encode(message))

    async def _say(self, line: ClientConnection, message: wire.ToControl) -> None:
        await line.send(wire.encode(message).decode())

    async def _send(self, line: ClientConnection) -> None:
        while True:
            await line.send((await self._out.get()).decode())

    async def _ship(self) -> None:
        while True:
            for shipment in list(self._shipments):
                frame = shipment.batch()
                if frame is not None:
                    self._out.put_nowait(frame)
                elif shipment is not self._own and shipment.done:
                    self._shipments.remove(shipment)
                    shipment.spool.destroy()
                    log.info("gateway.leftover_settled", worker=shipment.worker)
            await self._clock.sleep(SHIP_EVERY)

    async def _keep(self) -> None:
        """Keep the newest snapshot on disk, at most once a second."""
        loop = asyncio.get_running_loop()
        while True:
            await self._clock.sleep(timedelta(seconds=1))
            snapshot = self._worker.snapshot
            if not self._unsaved or snapshot is None:
                continue
            self._unsaved = False
            cached = Cached(
                snapshot.version,
                snapshot.pepper.hex(),
                snapshot.rows,
                self._clock.now().timestamp(),
                self._worker.skew,
            )
            try:
                await loop.run_in_executor(None, self._home.save, self._identity, cached)
            except (DiskFull, HomeNotWritable, OSError) as fault:
                self._unsaved = True
                log.warning("gateway.snapshot_not_kept", why=str(fault))


def seal(spool: Spool, *, crashed: bool) -> None:
    """Write the last record of a spool, once."""
    if not spool.sealed:
        spool.append(Kind.SEAL, wire.encode_record(wire.Seal(crashed)))
        spool.sealed = True
