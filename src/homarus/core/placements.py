"""One bot's placement: the words of planning, and the row they are kept in.

There is one placement row per bot, so that two placements of a bot cannot even be
written down. Its generation rises with every successor and fences every predecessor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from homarus.core.bot_states import BotState
from homarus.core.specs import DesiredState


class Phase(StrEnum):
    """How far a placement is.

    planned    written down; the target may or may not have been asked
    accepted   the target took it and its handle is durable
    stopping   on its way down, for good
    gone       proven: nothing of it runs
    """

    PLANNED = "planned"
    ACCEPTED = "accepted"
    STOPPING = "stopping"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the last action on a placement did not work, and when the next makes sense."""

    kind: str
    """``transient``, ``permanent`` or ``action_required``."""
    message: str
    hint: str
    since: datetime
    again_at: datetime | None
    """None: never by itself."""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Placement:
    """A placement as committed. ``handle`` is the target's, as plain data."""

    bot_id: str
    generation: int
    phase: Phase
    nonce: str
    target: str
    redeploy: int
    """The redeploy request that it answers; an older one is replaced."""
    isolation: str
    runtime: str
    created_at: datetime
    attempt: int = 0
    """The person's request under which trouble and failures were noted; a newer one forgives."""
    handle: Mapping[str, Any] | None = None
    trouble: Trouble | None = None
    failures: tuple[datetime, ...] = ()
    """When predecessors (and this one) ended without being asked, newest last."""

    def under(self, attempt: int) -> Placement:
        """This placement as a newer request sees it: earlier trouble and failures forgiven."""
        if attempt <= self.attempt:
            return self
        return replace(self, attempt=attempt, trouble=None, failures=())

    def failed_at(self, moment: datetime) -> Placement:
        """Remember an unasked end; only the newest eight count for anything."""
        return replace(self, failures=(*self.failures, moment)[-8:])


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of one bot, and where people see it now."""

    bot_id: str
    desired: DesiredState
    deleted: bool
    target: str
    isolation: str
    runtime: str
    digest: str
    """Of what its revision runs; equal for revisions that run the same."""
    redeploy: int
    attempt: int
    """Rises with every request of a person. A number, not a time: clocks jump."""
    shown: BotState
    shown_reason: str
    urgent: bool = False
    """Killed rather than stopped: its processes get a second, not a grace."""
    restart: int = 0
    """The newest request for a new process."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a bot's supervisor last said, in the words of ``protocol.supervisor.RunState``."""

    generation: int
    live: bool
    since: datetime
    """When the session began (live) or was lost."""
    run: str
    reason: str
    applied: str
    """Digest of the unit that really runs; empty: none yet."""
    rejected: str
    """Digest of a unit that the runtime's validator refused; an older one runs."""
    restart: int = 0
    """The request for a new process that the running one answers."""


@dataclass(frozen=True, slots=True)
class PlanPolicy:
    """The numbers of planning; defaults suit one machine as well as a cluster."""

    away_after: timedelta = timedelta(seconds=45)
    """A lost session is shown as degraded after this (three heartbeats)."""
    breaker_window: timedelta = timedelta(minutes=10)
    breaker_limit: int = 5
    backoff_first: timedelta = timedelta(seconds=2)
    backoff_most: timedelta = timedelta(minutes=2)
    ask_again: timedelta = timedelta(minutes=1)
    """How soon an `ActionRequired` is tried again: a person may have acted."""
    stop_grace_s: float = 20.0
    kill_grace_s: float = 1.0

    def backoff(self, count: int) -> timedelta:
        """Pause before attempt ``count + 1``: doubling, bounded."""
        doublings = min(max(count - 1, 0), 10)
        return min(self.backoff_first * (1 << doublings), self.backoff_most)


class Verb(StrEnum):
    """What an action does; see `homarus.reconciler.actions`."""

    START = "start"
    STOP = "stop"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Action:
    """One step, fully specified: carrying it out takes no decision."""

    verb: Verb
    bot_id: str
    generation: int
    nonce: str
    target: str
    isolation: str
    runtime: str
    redeploy: int
    attempt: int
    urgent: bool = False
    failed: bool = False
    """The placement ended without being asked: its end counts towards the breaker."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What planning says of one bot: how to show it, what it waits for, what to do."""

    bot_id: str
    state: BotState
    reason: str
    """Empty only when the bot is as desired."""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The result of one pass; worthless once another pass has run."""

    actions: tuple[Action, ...]
    verdicts: tuple[Verdict, ...]

    def waiting(self) -> Mapping[str, str]:
        """Bot id to reason, for every bot that is not as desired: "stuck" is never a riddle."""
        return {v.bot_id: v.reason for v in self.verdicts if v.reason}


@dataclass(frozen=True, slots=True)
class Observed:
    """What could be seen for one pass; anything missing means "could not tell"."""

    placements: Mapping[str, Placement] = field(default_factory=dict)
    sightings: Mapping[str, str] = field(default_factory=dict)
    """nonce to ``ports.target.PlacementState``."""
    links: Mapping[str, Link] = field(default_factory=dict)
    adopting: bool = False
    """The control plane started so lately that supervisors may not have come back yet."""
