"""The gateways' live sessions of this process: memory, not truth."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from homarus.kit.clock import Clock
from homarus.kit.signal import Signal, wait_at_most
from homarus.protocol import gateway as wire


@dataclass(slots=True)
class Live:
    """One open session of one worker."""

    worker_id: str
    applied: int = 0
    """The snapshot version that its new calls obey."""
    outbox: list[wire.ToGateway] = field(default_factory=list)
    nudged: asyncio.Event = field(default_factory=asyncio.Event)
    replaced: bool = False


class GatewayHub:
    """Who is connected; made once per control plane."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._live: dict[str, Live] = {}
        self._applied = Signal()
        self.returned = Signal()
        """Notified when allowance came back."""

    def open(self, live: Live) -> None:
        """A session stands; an older one of the same worker ends."""
        older = self._live.get(live.worker_id)
        if older is not None:
            older.replaced = True
            older.nudged.set()
        self._live[live.worker_id] = live

    def lost(self, live: Live) -> None:
        """A session ended."""
        if self._live.get(live.worker_id) is live:
            del self._live[live.worker_id]
            self._applied.notify()

    @property
    def workers(self) -> int:
        """How many workers are connected."""
        return len(self._live)

    def changed(self) -> None:
        """The snapshot may have changed: every session looks."""
        for live in self._live.values():
            live.nudged.set()

    def recall(self, budget_id: str, *, but: str = "") -> int:
        """Call idle slices of a budget back from every worker but one; return from how many."""
        asked = [live for live in self._live.values() if live.worker_id != but]
        for live in asked:
            live.outbox.append(wire.Recall(budget_id))
            live.nudged.set()
        return len(asked)

    def applied(self, live: Live, version: int) -> None:
        """A worker obeys ``version``."""
        live.applied = max(live.applied, version)
        self._applied.notify()

    async def wait_applied(self, version: int, *, within: timedelta) -> bool:
        """Wait until every connected gateway obeys ``version``; False: not all did in time.

        A gateway that is not connected learns of it with its next session.
        """
        deadline = self._clock.monotonic() + within.total_seconds()
        while True:
            ticket = self._applied.ticket()
            if all(live.applied >= version for live in self._live.values()):
                return True
            left = deadline - self._clock.monotonic()
            if left <= 0:
                return False
            await wait_at_most(ticket, self._clock, timedelta(seconds=left))
