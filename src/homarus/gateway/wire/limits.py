"""What one connection may cost us, and for how long we wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

NEVER = float("inf")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Caps in bytes, waits in seconds; the defaults suit agents with large prompts."""

    target: int = 8 << 10
    head: int = 64 << 10
    body: int = 32 << 20
    head_wait: float = 10.0
    body_wait: float = 120.0
    idle_wait: float = 75.0
    write_wait: float = 60.0
    """Longest time that a peer may leave our bytes unread."""
    connect_wait: float = 10.0
    answer_wait: float = 600.0
    """Longest silence of a provider, before its first byte and between two of them."""
    spare_connections: int = 64
    """Idle connections kept per provider."""
    spare_wait: float = 50.0
    """An idle connection to a provider is not used again after this long."""


class Mortal(Protocol):
    """Something with a deadline."""

    deadline: float

    def expire(self) -> None:
        """The deadline has passed."""
        ...


class Reaper:
    """Ends what has waited too long. One sweep a second costs less than a timer per call."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self.watched: set[Mortal] = set()

    def sweep(self) -> None:
        """Expire everything past its deadline; each thing once per deadline."""
        now = self.monotonic()
        for thing in [thing for thing in self.watched if thing.deadline <= now]:
            thing.deadline = NEVER
            thing.expire()
