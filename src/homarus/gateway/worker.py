"""What one gateway process holds: snapshot, allowance, spool, counters. No sockets of its own."""

from __future__ import annotations

import gc
import os
import random

from homarus.errors import DiskFull, HomeNotWritable
from homarus.gateway.cells import Cells
from homarus.gateway.leases import Leases
from homarus.gateway.refusals import Said
from homarus.gateway.slices import Purse, Slices
from homarus.gateway.snapshot import Snapshot, advance
from homarus.gateway.spool import Kind, Spool
from homarus.kit.clock import Clock
from homarus.kit.ids import new_id
from homarus.protocol import gateway as wire

MAX_STALE = 24 * 3600.0
"""How long configuration that nobody confirmed is obeyed."""
_FIRST_GUESS = 1024
_KEPT_ANSWERS = 32
_KEPT_MODELS = 4096


class Usual:
    """The length of a bot's answers by one model: the 95th percentile of the last 32."""

    __slots__ = ("_at", "_seen", "p95")

    def __init__(self) -> None:
        self._seen: list[int] = []
        self._at = 0
        self.p95 = _FIRST_GUESS

    def learn(self, output: int) -> None:
        if len(self._seen) < _KEPT_ANSWERS:
            self._seen.append(output)
        else:
            self._seen[self._at % _KEPT_ANSWERS] = output
        self._at += 1
        # Sorting at every eighth answer is enough, and until eight are known the guess stands.
        if self._at % 8 == 0:
            ordered = sorted(self._seen)
            self.p95 = max(16, ordered[len(ordered) * 95 // 100])


class Worker:
    """State of the process; everything happens on its event loop."""

    def __init__(self, spool: Spool, *, id_: str, clock: Clock) -> None:
        self.id = id_
        self.spool = spool
        self.clock = clock
        self.cells = Cells()
        self.slices = Slices()
        self.leases = Leases(
            self.slices,
            new_slice=lambda: new_id("slc", now=clock.now()),
            monotonic=clock.monotonic,
        )
        self.said = Said()
        self.snapshot: Snapshot | None = None
        self.fresh_at = float("-inf")
        """When the control plane last confirmed the snapshot, by the monotonic clock."""
        self.current = False
        """Whether the control plane tells us of every change at once."""
        self.skew = 0.0
        self.broken = ""
        """Why records cannot be written; empty when they can."""
        self._base = 0.0
        self._usual: dict[tuple[str, str], Usual] = {}
        # Trace ids only need to differ; a system call for each would cost more than the rest.
        self._random = random.Random(os.urandom(16))  # noqa: S311
        self.refresh()

    # ---- time

    def refresh(self) -> None:
        """Follow the machine's clock; called every second, so that calls need not ask it."""
        self._base = self.clock.now().timestamp() - self.clock.monotonic()

    def wall_ns(self) -> int:
        """Return nanoseconds since 1970 by this machine's clock."""
        return int((self._base + self.clock.monotonic()) * 1e9)

    def ruling_now(self) -> float:
        """Return seconds since 1970 by the control plane's clock, which rules the windows."""
        return self._base + self.clock.monotonic() + self.skew

    # ---- configuration

    def load(self, snapshot: Snapshot) -> None:
        """Obey ``snapshot`` from the next call on."""
        self.snapshot = snapshot
        gc.collect()
        gc.freeze()  # the tables outlive every call: collections need not walk them

    def apply(self, delta: wire.Delta) -> bool:
        """Obey ``delta`` from the next call on; False: it does not follow what we have."""
        if self.snapshot is None or self.snapshot.version != delta.base:
            return False
        self.snapshot = advance(self.snapshot, delta)
        return True

    def confirm(self, age: float = 0.0) -> None:
        """The control plane stood behind the snapshot ``age`` seconds ago."""
        self.fresh_at = self.clock.monotonic() - age

    def obstacle(self) -> str:
        """Return why no call may begin now; empty: calls may."""
        if self.snapshot is None:
            return "The AI gateway has no configuration yet."
        if self.clock.monotonic() - self.fresh_at > MAX_STALE:
            return "The AI gateway has not reached the control plane for too long."
        if self.broken or not self.spool.ready:
            return "The AI gateway cannot record calls: its disk is full or not writable."
        return ""

    # ---- learning

    def usual(self, bot: str, model: str) -> Usual:
        """Return what is known of how long this bot's answers by this model are."""
        known = self._usual.get((bot, model))
        if known is None:
            if len(self._usual) >= _KEPT_MODELS:
                self._usual.pop(next(iter(self._usual)))
            known = self._usual[bot, model] = Usual()
        return known

    def trace_id(self) -> str:
        return f"{self._random.getrandbits(128) | 1:032x}"

    def span_id(self) -> str:
        return f"{self._random.getrandbits(64) | 1:016x}"

    # ---- records

    def record(self, kind: Kind, record: wire.Record) -> int:
        """Write a record and return its number; 0: it could not be written.

        Raises nothing: a call that has begun goes on, new ones are refused from then on.
        """
        try:
            return self.spool.append(kind, wire.encode_record(record))
        except (DiskFull, HomeNotWritable, OSError) as fault:
            self.broken = str(fault)
            return 0

    def give_back(self, draws: tuple[wire.Draw, ...]) -> None:
        """Record that idle allowance goes back."""
        if draws:
            self.record(Kind.RETURN, wire.Return(draws))

    def tidy(self) -> None:
        """Once a second: follow the clock, hand back what windows left behind."""
        self.refresh()
        if self.snapshot is not None:
            self.give_back(self.slices.expire(self.snapshot.budgets, self.ruling_now()))

    def stock_up(self, purses: list[Purse]) -> None:
        """Ask for more before it is missed."""
        for purse in purses:
            burn = purse.burn(self.clock.monotonic())
            if burn and purse.free < burn // 4 and not purse.low:
                self.leases.top_up(purse, 1)
