"""Rows of state machines (placements, turns, leases): one small port, so they can be simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Row:
    """One machine. ``version`` rises by one with every write."""

    kind: str
    key: str
    version: int
    state: str
    group: str
    """What it belongs to (for a placement its bot); scans select by it."""
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a row until ``until``; ``fence`` rises with every claim of it."""

    kind: str
    key: str
    owner: str
    fence: int
    until: datetime


class MachineStore(Protocol):
    """get, insert, compare_and_set, claim, scan. Every call is one durable transaction."""

    async def get(self, kind: str, key: str) -> Row | None:
        """The row as last committed."""
        ...

    async def insert(
        self, kind: str, key: str, *, state: str, group: str, data: Mapping[str, Any]
    ) -> Row:
        """Make the row, at version 1.

        Raises:
            Conflict: a row of this kind and key exists; it is unchanged.
        """
        ...

    async def compare_and_set(
        self, row: Row, *, state: str, data: Mapping[str, Any], lease: Lease | None = None
    ) -> Row:
        """Replace state and data if the row is still at ``row.version``; return the new row.

        With ``lease``: only while that lease is the newest claim of the row, so that a
        worker that lost its claim cannot finish what it began.

        Raises:
            Stale: somebody wrote first, the lease was taken over, or the row is gone.
        """
        ...

    async def delete(self, row: Row) -> None:
        """Remove the row if it is still at ``row.version``; otherwise `Stale`."""
        ...

    async def claim(
        self, kind: str, key: str, *, owner: str, now: datetime, length: timedelta
    ) -> Lease | None:
        """Take the lease if it is free, expired at ``now``, or the caller's own: then renew it.

        None: another owner has it. The row need not exist.
        """
        ...

    async def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it is no longer the newest."""
        ...

    async def scan(
        self,
        kind: str,
        *,
        state: str | None = None,
        group: str | None = None,
        after: str = "",
        limit: int = 500,
    ) -> Sequence[Row]:
        """Rows of a kind by key, ascending, after ``after``: callers go on page by page."""
        ...
