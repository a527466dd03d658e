"""What the running bot has: its channels and skills, asked of its runtime now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

import msgspec

from homarus.errors import HomarusError
from homarus.kit.clock import Clock
from homarus.kit.signal import wait_at_most
from homarus.ports import runtime_host as port
from homarus.protocol import supervisor as wire
from homarus.supervisor.reporting import Reporter

log = logging.getLogger(__name__)
EVERY = timedelta(seconds=60)
SOON = timedelta(seconds=5)
"""While it was never answered: right after its start a runtime may not know yet."""
MOST = 100
_NAME, _WORDS = 80, 200


class InventoryWatch:
    """Asks once the runtime is ready and every minute then; a failure is told, never felt.

    What was known stays in the report while the runtime runs, with the moment of the last
    answer; the bot's state does not depend on it. An answer equal to the last one makes no
    new report, so a quiet fleet stays quiet.
    """

    def __init__(
        self,
        *,
        runtime: Callable[[], port.RuntimeHost | None],
        reporter: Reporter,
        clock: Clock,
    ) -> None:
        """``runtime`` is the one that is ready now; None: there is none to ask."""
        self._runtime = runtime
        self._reporter = reporter
        self._clock = clock
        self._wake = asyncio.Event()
        self._answered = ""

    def look_now(self) -> None:
        """Ask without waiting for the next round: the runtime became ready, or was ended."""
        self._wake.set()

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            self._wake.clear()
            pause = await self._look()
            await wait_at_most(self._wake, self._clock, pause)

    async def _look(self) -> timedelta:
        host = self._runtime()
        if host is None:
            self._reporter.set(inventory=None)
            return EVERY
        problem, seen = "", None
        try:
            seen = await host.inventory()
        except HomarusError as fault:
            problem = fault.message
        except Exception:  # the boundary of this loop's pass: the next one asks again
            log.exception("the inventory could not be read")
            problem = "Its answer could not be read; see the supervisor's log."
        if self._runtime() is not host:
            return timedelta(0)  # It was started anew meanwhile: this is of the one before.
        if seen is None:
            return self._failed(problem)
        self._answered = self._clock.now().isoformat()
        told = _told(seen, self._answered)
        if not _same(told, self._reporter.report.inventory):
            self._reporter.set(inventory=told)
        return EVERY

    def _failed(self, problem: str) -> timedelta:
        known = self._reporter.report.inventory or wire.Inventory()
        at = self._answered if known.asked_at else ""
        told = msgspec.structs.replace(known, asked_at=at, problem=problem[:_WORDS])
        self._reporter.set(inventory=told)
        return EVERY if at else SOON


def _told(seen: port.Inventory, at: str) -> wire.Inventory:
    """Bounded: a bot may have written thousands of skills; those that are ready come first."""
    channels = tuple(
        wire.Channel(c.name[:_NAME], c.state, c.detail[:_WORDS]) for c in seen.channels[:MOST]
    )
    ordered = sorted(seen.skills, key=lambda skill: (not skill.ready, skill.name))
    skills = tuple(
        wire.Skill(s.name[:_NAME], s.ready, s.detail[:_WORDS], s.source[:_NAME])
        for s in ordered[:MOST]
    )
    left_out = max(0, len(seen.channels) - MOST) + max(0, len(seen.skills) - MOST)
    return wire.Inventory(channels, skills, left_out, at)


def _same(told: wire.Inventory, known: wire.Inventory | None) -> bool:
    """Whether only the moment differs; a problem that is over is a difference."""
    return known is not None and msgspec.structs.replace(known, asked_at=told.asked_at) == told
