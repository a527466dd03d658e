"""Leases: who may do something until when, with a fence that tells a late owner apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.ports.machine_store import Lease
from homarus.store.tables import LeaseRow
from homarus.store.upsert import insert_into

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


async def claim(
    session: AsyncSession, kind: str, key: str, *, owner: str, now: datetime, length: timedelta
) -> Lease | None:
    """Take the lease if it is free, expired or the caller's own; None: another has it."""
    until = now + length
    fresh = insert_into(session, LeaseRow).values(
        kind=kind, key=key, owner=owner, fence=1, until=until
    )
    taken = fresh.on_conflict_do_update(
        index_elements=["kind", "key"],
        set_={"owner": owner, "until": until, "fence": LeaseRow.fence + 1},
        where=or_(LeaseRow.until <= now, LeaseRow.owner == owner),
    ).returning(LeaseRow.fence)
    fence = await session.scalar(taken)
    return None if fence is None else Lease(kind, key, owner, fence, until)


async def holds(session: AsyncSession, lease: Lease) -> bool:
    """Say whether ``lease`` is still the newest claim, and keep it so until the commit."""
    newest = (
        select(LeaseRow.fence)
        .where(LeaseRow.kind == lease.kind, LeaseRow.key == lease.key)
        .with_for_update()
    )
    return await session.scalar(newest) == lease.fence


async def release(session: AsyncSession, lease: Lease) -> None:
    """Give it back; nothing happens if it is no longer the newest claim."""
    await session.execute(
        update(LeaseRow)
        .where(
            LeaseRow.kind == lease.kind, LeaseRow.key == lease.key, LeaseRow.fence == lease.fence
        )
        # The row stays: a fence that began again at 1 would fence nobody.
        .values(owner="", until=_LONG_AGO)
    )
