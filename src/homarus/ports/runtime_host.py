"""A runtime as the supervisor sees it: install, check, launch, talk. No spec, no store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from homarus.errors import Issue


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are *as the runtime sees them* (inside the sandbox if there is one)."""

    node: Path
    runtime: Path
    config: Path
    state: Path
    workspace: Path
    home: Path
    socket: Path
    """The supervisor's secret socket."""
    log: Path


@dataclass(frozen=True, slots=True)
class Ticket:
    """What this one start of the runtime was given: chosen by the supervisor, never stored."""

    port: int
    token: str
    gateway_url: str
    paused: bool
    """Start without channels, schedule and heartbeat: nothing of its own accord."""


@dataclass(frozen=True, slots=True)
class Launch:
    """The process to run. Secrets never appear here: they are fetched through the socket."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    config_exit_codes: frozenset[int] = frozenset()
    """Exit codes that mean "this configuration cannot work", not "try again"."""
    machine: tuple[Path, ...] = ()
    """Folders of the machine that the process reads (an interpreter), shown read-only to it."""


@dataclass(frozen=True, slots=True)
class Health:
    """One look at the runtime. ``ready`` turns the bot to running."""

    alive: bool
    ready: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TurnEvent:
    """A step of an answer.

    kind: ``delta`` (``text`` is the increment, ``offset`` its place in the answer),
    ``final`` (``text`` is the whole answer) or ``failed`` (``text`` says why).
    ``usage`` holds tokens by class, with ``final``, as the runtime counts them.
    """

    kind: str
    text: str
    offset: int = 0
    usage: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstallProgress:
    """``done`` of ``total`` steps of ``phase``; for people."""

    phase: str
    done: int
    total: int


ChannelState = Literal["running", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """Where people reach the bot besides us."""

    name: str
    state: ChannelState
    detail: str


@dataclass(frozen=True, slots=True)
class SkillSeen:
    """A packaged capability; ``detail`` says what it lacks when it is not ready."""

    name: str
    ready: bool
    detail: str
    source: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a running bot has. Channels that nobody set up are left out."""

    channels: tuple[ChannelSeen, ...] = ()
    skills: tuple[SkillSeen, ...] = ()


ProgressSink = Callable[[InstallProgress], Awaitable[None]]


class RuntimeHost(Protocol):
    """The active half of a runtime, for one bot. The supervisor owns the process.

    Life: ``install`` -> ``validate`` -> ``launch`` (pure) -> the supervisor spawns ->
    ``health`` until ready -> ``open`` -> turns -> ``close``. After a crash of the
    supervisor it starts again at the top; ``install`` is then immediate.
    """

    name: str
    port_span: int
    """How many port numbers, from its own on, the runtime may use."""
    ready_within_s: float
    """From spawn to ready at the longest; then the start counts as failed."""

    async def install(self, *, version: str, store: Path, progress: ProgressSink) -> Path:
        """Make the pinned version available in the shared ``store`` and return its folder.

        Atomic and shared: concurrent calls, also from other processes, do the work once.
        An interrupted install leaves nothing that a later one would take for whole.

        Raises:
            RuntimeInstallFailed: download unreachable or altered; the message says which.
            DiskFull: nothing was left behind.
        """
        ...

    async def validate(
        self, *, places: Places, run: Callable[[Launch], Awaitable[tuple[int, str]]]
    ) -> Sequence[Issue]:
        """Ask the runtime's own validator about the candidate in ``places``; empty means fine.

        ``run`` executes a launch in the bot's isolation and returns exit code and output.
        """
        ...

    def fill(self, *, places: Places, ticket: Ticket) -> Mapping[str, str]:
        """Values for the ``@{NAME}`` marks of rendered files."""
        ...

    def launch(self, *, places: Places, ticket: Ticket) -> Launch:
        """What to run for one start; pure."""
        ...

    async def health(self, *, ticket: Ticket) -> Health:
        """Look once, within a second; never raises for a runtime that is down."""
        ...

    async def open(self, *, ticket: Ticket) -> None:
        """Connect to the ready runtime's control surface.

        Raises:
            Unavailable: not answering; ask again after the next look at its health.
        """
        ...

    async def close(self) -> None:
        """Leave the control surface; the runtime goes on. Safe at any time, and twice."""
        ...

    async def inventory(self) -> Inventory:
        """What the ready runtime has now, in its own words; changes nothing, asks no network.

        Raises:
            Unavailable: it does not answer this now, which says nothing of its health.
        """
        ...

    async def pause(self) -> bool:
        """Stop channels, schedule and heartbeat of the running runtime, for as long as it runs.

        False when only a new start can stop all of them; what could be stopped at once is.
        """
        ...

    async def resume(self) -> bool:
        """Undo ``pause`` in place; False when only a new start can: the supervisor makes one."""
        ...

    async def secrets_changed(self) -> bool:
        """Take new secret values while running; False when only a new start can."""
        ...

    def send(
        self, *, turn_id: str, text: str, traceparent: str, deadline: datetime
    ) -> AsyncIterator[TurnEvent]:
        """Hand a person's message to the bot and yield its answer, ending in final or failed.

        ``turn_id`` is the idempotency key: sending it again never makes a second turn,
        and yields the outcome of the first one as far as the runtime remembers it.
        """
        ...

    async def recall(self, *, turn_id: str) -> TurnEvent | None:
        """After a crash: the outcome of a turn already sent; None: the runtime does not know."""
        ...
