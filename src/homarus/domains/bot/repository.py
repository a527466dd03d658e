"""All SQL about bots and revisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.bot.tables import BotRow, RevisionRow


async def get(
    session: AsyncSession, workspace_id: str, ref: str, *, changing: bool = False
) -> BotRow | None:
    """A bot by id or by name; removed ones are found by id alone.

    With ``changing`` it stays as it is read until this transaction ends.
    """
    found = select(BotRow).where(
        BotRow.workspace_id == workspace_id,
        or_(BotRow.id == ref, (BotRow.name == ref) & BotRow.removed_at.is_(None)),
    )
    if changing:
        # What was read before is read again: somebody may have changed it before the lock.
        found = found.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(found)).one_or_none()


async def by_id(session: AsyncSession, bot_id: str) -> BotRow | None:
    """A bot of any workspace, for the control plane's own work."""
    return await session.get(BotRow, bot_id)


async def locked(session: AsyncSession, bot_id: str) -> BotRow | None:
    """A bot that this transaction is about to change on the control plane's behalf."""
    return await session.get(BotRow, bot_id, with_for_update=True)


def listing(
    workspace_id: str, *, fleets: Sequence[str] | None, state: str | None, fleet: str | None
) -> Select[BotRow]:
    """Bots of a workspace that are not removed; ``fleets`` limits to what the caller may see."""
    chosen = select(BotRow).where(BotRow.workspace_id == workspace_id, BotRow.removed_at.is_(None))
    if fleets is not None:
        chosen = chosen.where(BotRow.fleet.in_(fleets))
    if fleet is not None:
        chosen = chosen.where(BotRow.fleet == fleet)
    if state is not None:
        chosen = chosen.where(BotRow.state == state)
    return chosen


async def wished(
    session: AsyncSession, *, after: str, limit: int
) -> Sequence[tuple[BotRow, dict[str, Any], str]]:
    """A page of bots of every workspace that still matter, with document and unit digest."""
    chosen = (
        select(BotRow, RevisionRow.document, RevisionRow.digest)
        .join(RevisionRow, RevisionRow.id == BotRow.revision_id)
        .where(BotRow.removed_at.is_(None), BotRow.id > after)
        .order_by(BotRow.id)
        .limit(limit)
    )
    found = (await session.execute(chosen)).all()
    return [(row, document, digest) for row, document, digest in found]


async def revision(session: AsyncSession, revision_id: str) -> RevisionRow:
    """A revision that a bot refers to."""
    return await session.get_one(RevisionRow, revision_id)


async def revisions_of(session: AsyncSession, ids: Sequence[str]) -> dict[str, RevisionRow]:
    """Revisions by id, for a page of bots."""
    found = await session.scalars(select(RevisionRow).where(RevisionRow.id.in_(ids)))
    return {row.id: row for row in found}


async def revision_by_digest(session: AsyncSession, bot_id: str, digest: str) -> RevisionRow | None:
    """The newest revision of a bot whose run unit has this digest."""
    found = (
        select(RevisionRow)
        .where(RevisionRow.bot_id == bot_id, RevisionRow.digest == digest)
        .order_by(RevisionRow.number.desc())
        .limit(1)
    )
    return (await session.scalars(found)).one_or_none()


def revisions(bot_id: str) -> Select[RevisionRow]:
    """Every revision of a bot."""
    return select(RevisionRow).where(RevisionRow.bot_id == bot_id)


async def last_number(session: AsyncSession, bot_id: str) -> int:
    """Number of a bot's newest revision; 0 for a bot without one."""
    newest = select(func.max(RevisionRow.number)).where(RevisionRow.bot_id == bot_id)
    return await session.scalar(newest) or 0
