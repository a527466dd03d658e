"""The live sessions of this process, and what supervisors last said: memory, not truth."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from homarus.core.placements import Link
from homarus.kit.clock import Clock
from homarus.protocol.supervisor import Report


@dataclass(slots=True)
class Live:
    """One open session. ``nudged`` asks its pump to look for news to send."""

    bot_id: str
    generation: int
    epoch: int
    nudged: asyncio.Event = field(default_factory=asyncio.Event)
    closing: int = 0
    """A close code, once somebody else decided that this session ends."""


@dataclass(slots=True)
class _Last:
    generation: int
    since: datetime
    report: Report | None
    live: bool


class SessionHub:
    """Who is connected; made once per control plane."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._live: dict[str, Live] = {}
        self._last: dict[str, _Last] = {}

    def open(self, live: Live) -> None:
        """A session stands; an older one of the same bot is told to end."""
        older = self._live.get(live.bot_id)
        if older is not None:
            self._close(older, 4409)
        self._live[live.bot_id] = live
        last = self._last.get(live.bot_id)
        report = last.report if last and last.generation == live.generation else None
        self._last[live.bot_id] = _Last(live.generation, self._clock.now(), report, live=True)

    def lost(self, live: Live) -> None:
        """A session ended; what it said stays, as what was last known."""
        if self._live.get(live.bot_id) is live:
            del self._live[live.bot_id]
            last = self._last.get(live.bot_id)
            if last is not None:  # else the bot was removed before its last session had ended
                last.live, last.since = False, self._clock.now()

    def reported(self, live: Live, report: Report) -> None:
        """The newest report of a live session."""
        last = self._last.get(live.bot_id)
        if last is not None and self._live.get(live.bot_id) is live:
            last.report = report

    def remember(self, bot_id: str, generation: int, report: Report, at: datetime) -> None:
        """What the store knows of before this process: shown until the supervisor is back."""
        self._last.setdefault(bot_id, _Last(generation, at, report, live=False))

    def fence(self, bot_id: str, generation: int) -> None:
        """End the session of ``generation`` and older with the code that says: never again."""
        live = self._live.get(bot_id)
        if live is not None and live.generation <= generation:
            self._close(live, 4410)

    def nudge(self, bot_id: str) -> None:
        """Something for this bot's supervisor may be new."""
        live = self._live.get(bot_id)
        if live is not None:
            live.nudged.set()

    def nudge_all(self) -> None:
        """Something for every supervisor may be new."""
        for live in self._live.values():
            live.nudged.set()

    def connected(self, bot_id: str) -> bool:
        """Whether a session of this bot stands now."""
        return bot_id in self._live

    def speaks(self, bot_id: str, generation: int) -> bool:
        """Whether a session of this very generation stands now."""
        live = self._live.get(bot_id)
        return live is not None and live.generation == generation

    def report(self, bot_id: str) -> Report | None:
        """The last report of a bot's newest generation."""
        last = self._last.get(bot_id)
        return last.report if last else None

    def forget(self, bot_id: str) -> None:
        """The bot is gone for good."""
        self._last.pop(bot_id, None)

    def links(self) -> Mapping[str, Link]:
        """What planning needs to know of every bot that ever spoke."""
        return {
            bot_id: Link(
                generation=last.generation,
                live=last.live,
                since=last.since,
                run=last.report.run.value if last.report else "waiting",
                reason=_reason(last.report),
                applied=last.report.applied if last.report else "",
                rejected=last.report.rejected if last.report else "",
                restart=last.report.restart_nonce if last.report else 0,
            )
            for bot_id, last in self._last.items()
        }

    def _close(self, live: Live, code: int) -> None:
        live.closing = code
        live.nudged.set()


def _reason(report: Report | None) -> str:
    if report is None:
        return "its supervisor has connected"
    if report.reason or not report.issues:
        return report.reason
    path, words = report.issues[0]
    return f"{path}: {words}"
