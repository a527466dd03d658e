"""Virtual time: hours pass in microseconds, in an order that never changes."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

START = datetime(2030, 1, 1, tzinfo=UTC)


class VirtualClock:
    """A `homarus.kit.clock.Clock` that moves only when told to.

    Sleepers wake in the order of their moments; equal moments in the order of the calls.
    """

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = timedelta()
        self._jump = timedelta()
        self._order = itertools.count()
        self._sleepers: list[tuple[timedelta, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + self._elapsed + self._jump

    def monotonic(self) -> float:
        return self._elapsed.total_seconds()

    async def sleep(self, pause: timedelta) -> None:
        if pause <= timedelta():
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + pause, next(self._order), woken))
        await woken

    def jump(self, by: timedelta) -> None:
        """Move the wall clock alone, as an administrator or NTP does; nobody is woken."""
        self._jump += by

    async def advance(self, by: timedelta) -> None:
        """Let ``by`` pass: wake every sleeper whose moment comes, and let it act in between."""
        end = self._elapsed + by
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._elapsed, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            await settle()
        self._elapsed = end

    async def advance_to_next(self) -> None:
        """Let exactly as much time pass as the next sleeper waits for; none if nobody sleeps."""
        if self._sleepers:
            await self.advance(self._sleepers[0][0] - self._elapsed)
        else:
            await settle()


async def settle(rounds: int = 20) -> None:
    """Give every ready coroutine its turn, ``rounds`` times over."""
    for _ in range(rounds):
        await asyncio.sleep(0)
