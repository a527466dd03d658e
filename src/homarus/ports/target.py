"""Where bots run. Homarus asks a target for one thing: run this supervisor with this enrolment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Handle:
    """All that is needed to find a placement again, after any crash.

    Opaque to everyone but the target that made it; ``data`` holds JSON types and no secret.
    """

    target: str
    version: int
    data: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class SupervisorUnit:
    """What a target must run: one supervisor for one generation of one bot."""

    bot_id: str
    bot_name: str
    generation: int
    nonce: str
    """Chosen once per generation; a second ``start`` with it starts nothing new."""
    memory_mb: int
    control_url: str
    gateway_url: str
    enrolment_token: str
    """Lives 15 minutes, works once; travels by standard input, file or secret mount."""


class PlacementState(StrEnum):
    """What a target can say of a placement without asking its supervisor."""

    ALIVE = "alive"
    LEFTOVERS = "leftovers"
    """The supervisor is gone and something of the bot may still run."""
    GONE = "gone"
    """Proven: nothing of this placement runs."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a target can do, as data."""

    isolation: frozenset[str]
    max_memory_mb: int | None
    """What the target can carry in all; None: it decides for itself."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Kinds of isolation that cannot be had now, each with why and how to mend it."""


class Target(Protocol):
    """A place where bots run: this machine, a Docker host, a cluster.

    Implementations keep nothing worth keeping: the `Handle` has it all. Calls for one
    bot never overlap; calls for different bots do. No secret of a unit appears in an
    argument list, a log, a label or an error.
    """

    name: str

    def capabilities(self) -> Capabilities:
        """What this target can do; the same for its whole life, asked without I/O."""
        ...

    async def start(self, *, unit: SupervisorUnit) -> Handle:
        """Ask for the supervisor to run; return once the platform has *accepted* it.

        The handle is durable from then on. Readiness is not this call's business.
        Repeating the call with the same bot, generation and nonce returns the same
        handle and starts nothing new, also after a crash between the two calls.

        Raises:
            Transient: try again after ``delay``; nothing was left half started.
            Permanent: this unit can never start here.
            ActionRequired: a person must act first; ``hint`` tells them what to do.
        """
        ...

    async def observe(self, *, handles: Sequence[Handle]) -> Mapping[str, PlacementState]:
        """Say what each placement is doing now, by its handle's ``data["nonce"]``.

        A placement left out of the answer means "could not tell", never "gone".
        Safe at any moment, also while a ``start`` or ``stop`` of the same bot runs.
        """
        ...

    async def stop(self, *, handle: Handle, grace_s: float) -> None:
        """End the supervisor and everything of its bot; return once that is *proven*.

        The runtime gets ``grace_s`` seconds to end by itself. Repeating the call, or
        calling it for a placement that is gone, succeeds at once.

        Raises:
            Transient: something still runs, or the proof could not be had.
        """
        ...

    async def forget(self, *, handle: Handle, destroy_state: bool) -> None:
        """Remove what ``stop`` left on disk for this generation.

        With ``destroy_state`` also the bot's own files, for good: asked only for a bot
        that a person deleted. Refused with `Transient` while anything of it runs.
        """
        ...

    async def known(self) -> Sequence[Handle]:
        """Every placement of this installation that the platform knows, also those we forgot.

        What belongs to another installation is left out.
        """
        ...
