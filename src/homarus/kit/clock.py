"""Time as an argument: whoever needs "now" or a pause is given a `Clock`.

The virtual clock of tests and simulations is `homarus.testing.clock.VirtualClock`.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The only way to time. ``now`` is for people and rows, ``monotonic`` for durations."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC. May jump when the machine's clock is set."""
        ...

    def monotonic(self) -> float:
        """Seconds from an unknown start; never runs backwards."""
        ...

    async def sleep(self, pause: timedelta) -> None:
        """Return after ``pause``; a negative pause yields once."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    # Without a frame of our own: the AI gateway asks a dozen times a call.
    monotonic = staticmethod(time.monotonic)

    async def sleep(self, pause: timedelta) -> None:
        await asyncio.sleep(max(0.0, pause.total_seconds()))
