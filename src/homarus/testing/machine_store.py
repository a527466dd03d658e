"""`homarus.ports.machine_store.MachineStore` in memory: the fake of the contract suite."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from homarus.errors import Conflict, Stale
from homarus.ports.machine_store import Lease, Row


class MemoryMachineStore:
    """Every call is atomic, as nothing awaits inside; rows handed out are copies."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Row] = {}
        self._leases: dict[tuple[str, str], Lease] = {}

    async def get(self, kind: str, key: str) -> Row | None:
        row = self._rows.get((kind, key))
        return None if row is None else replace(row, data=copy.deepcopy(row.data))

    async def insert(
        self, kind: str, key: str, *, state: str, group: str, data: Mapping[str, Any]
    ) -> Row:
        if (kind, key) in self._rows:
            raise Conflict(f"{kind} {key} exists already.")
        row = Row(kind, key, 1, state, group, copy.deepcopy(dict(data)))
        self._rows[(kind, key)] = row
        return replace(row, data=copy.deepcopy(row.data))

    async def compare_and_set(
        self, row: Row, *, state: str, data: Mapping[str, Any], lease: Lease | None = None
    ) -> Row:
        self._check(row)
        if lease is not None:
            newest = self._leases.get((lease.kind, lease.key))
            if newest is None or newest.fence != lease.fence or newest.owner != lease.owner:
                raise Stale(f"The lease on {lease.kind} {lease.key} was taken over.")
        new = replace(row, version=row.version + 1, state=state, data=copy.deepcopy(dict(data)))
        self._rows[(row.kind, row.key)] = new
        return replace(new, data=copy.deepcopy(new.data))

    async def delete(self, row: Row) -> None:
        self._check(row)
        del self._rows[(row.kind, row.key)]

    async def claim(
        self, kind: str, key: str, *, owner: str, now: datetime, length: timedelta
    ) -> Lease | None:
        held = self._leases.get((kind, key))
        if held is not None and held.owner not in ("", owner) and held.until > now:
            return None
        fence = 1 if held is None else held.fence + 1
        lease = Lease(kind, key, owner, fence, now + length)
        self._leases[(kind, key)] = lease
        return lease

    async def release(self, lease: Lease) -> None:
        held = self._leases.get((lease.kind, lease.key))
        if held is not None and held.fence == lease.fence and held.owner == lease.owner:
            # The fence stays, so that a later claim is always newer than an earlier one.
            self._leases[(lease.kind, lease.key)] = replace(held, owner="")

    async def scan(
        self,
        kind: str,
        *,
        state: str | None = None,
        group: str | None = None,
        after: str = "",
        limit: int = 500,
    ) -> Sequence[Row]:
        found = [
            row
            for (row_kind, key), row in sorted(self._rows.items())
            if row_kind == kind
            and key > after
            and (state is None or row.state == state)
            and (group is None or row.group == group)
        ]
        return [replace(row, data=copy.deepcopy(row.data)) for row in found[:limit]]

    def _check(self, row: Row) -> None:
        held = self._rows.get((row.kind, row.key))
        if held is None or held.version != row.version:
            raise Stale(f"{row.kind} {row.key} was changed meanwhile.")
