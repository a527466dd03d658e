"""The machine store on SQL; its contract is `homarus.ports.machine_store.MachineStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update

from homarus.errors import Conflict, Stale
from homarus.ports.machine_store import Lease, Row
from homarus.store import leases
from homarus.store.engine import Store
from homarus.store.tables import MachineRow
from homarus.store.upsert import insert_into


class SqlMachineStore:
    """Every call is one transaction of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, kind: str, key: str) -> Row | None:
        async with self._store.read() as session:
            found = await session.get(MachineRow, (kind, key))
            return None if found is None else _row(found)

    async def insert(
        self, kind: str, key: str, *, state: str, group: str, data: Mapping[str, Any]
    ) -> Row:
        async with self._store.begin() as session:
            new = (
                insert_into(session, MachineRow)
                .values(kind=kind, key=key, version=1, state=state, group=group, data=dict(data))
                .on_conflict_do_nothing()
                .returning(MachineRow.version)
            )
            if await session.scalar(new) is None:
                raise Conflict(f"There is a {kind} {key} already.")
        return Row(kind, key, 1, state, group, dict(data))

    async def compare_and_set(
        self, row: Row, *, state: str, data: Mapping[str, Any], lease: Lease | None = None
    ) -> Row:
        async with self._store.begin() as session:
            if lease is not None and not await leases.holds(session, lease):
                raise Stale(f"Another worker took {row.kind} {row.key} over.")
            changed = await session.execute(
                update(MachineRow)
                .where(
                    MachineRow.kind == row.kind,
                    MachineRow.key == row.key,
                    MachineRow.version == row.version,
                )
                .values(state=state, data=dict(data), version=row.version + 1)
            )
            _expect_one(changed, row)
        return Row(row.kind, row.key, row.version + 1, state, row.group, dict(data))

    async def delete(self, row: Row) -> None:
        async with self._store.begin() as session:
            gone = await session.execute(
                delete(MachineRow).where(
                    MachineRow.kind == row.kind,
                    MachineRow.key == row.key,
                    MachineRow.version == row.version,
                )
            )
            _expect_one(gone, row)

    async def claim(
        self, kind: str, key: str, *, owner: str, now: datetime, length: timedelta
    ) -> Lease | None:
        async with self._store.begin() as session:
            return await leases.claim(session, kind, key, owner=owner, now=now, length=length)

    async def release(self, lease: Lease) -> None:
        async with self._store.begin() as session:
            await leases.release(session, lease)

    async def scan(
        self,
        kind: str,
        *,
        state: str | None = None,
        group: str | None = None,
        after: str = "",
        limit: int = 500,
    ) -> Sequence[Row]:
        chosen = select(MachineRow).where(MachineRow.kind == kind, MachineRow.key > after)
        if state is not None:
            chosen = chosen.where(MachineRow.state == state)
        if group is not None:
            chosen = chosen.where(MachineRow.group == group)
        async with self._store.read() as session:
            found = await session.scalars(chosen.order_by(MachineRow.key).limit(limit))
            return [_row(one) for one in found]


def _row(found: MachineRow) -> Row:
    return Row(found.kind, found.key, found.version, found.state, found.group, found.data)


def _expect_one(outcome: object, row: Row) -> None:
    if cast("CursorResult[Any]", outcome).rowcount != 1:
        raise Stale(f"{row.kind} {row.key} was changed by somebody else.")
