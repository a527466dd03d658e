"""All SQL about placements' identities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.placement.tables import IdentityRow


async def get(session: AsyncSession, bot_id: str, generation: int) -> IdentityRow | None:
    """One generation's identity."""
    return await session.get(IdentityRow, (bot_id, generation))


async def locked(session: AsyncSession, bot_id: str, generation: int) -> IdentityRow | None:
    """One generation's identity, about to be changed by this transaction."""
    return await session.get(IdentityRow, (bot_id, generation), with_for_update=True)


async def by_token(session: AsyncSession, token_digest: str) -> IdentityRow | None:
    """The identity that an enrolment token was made for."""
    found = select(IdentityRow).where(IdentityRow.token_digest == token_digest)
    return (await session.scalars(found.with_for_update())).one_or_none()


async def newest_generation(session: AsyncSession, bot_id: str) -> int:
    """The highest generation that was ever armed for a bot; 0 if none was."""
    newest = select(func.max(IdentityRow.generation)).where(IdentityRow.bot_id == bot_id)
    return await session.scalar(newest) or 0


async def highest_ack(session: AsyncSession, bot_id: str) -> int:
    """The highest stored result of any generation of a bot."""
    highest = select(func.max(IdentityRow.acked_seq)).where(IdentityRow.bot_id == bot_id)
    return await session.scalar(highest) or 0


async def current(session: AsyncSession) -> Sequence[IdentityRow]:
    """Every identity that is not retired: at most one for a bot that is placed."""
    chosen = select(IdentityRow).where(IdentityRow.retired_at.is_(None))
    return (await session.scalars(chosen)).all()


async def write_in_epoch(
    session: AsyncSession, bot_id: str, generation: int, epoch: int, values: dict[str, Any]
) -> bool:
    """Write if ``epoch`` is still the newest session of this generation; say whether it was."""
    changed = await session.execute(
        update(IdentityRow)
        .where(
            IdentityRow.bot_id == bot_id,
            IdentityRow.generation == generation,
            IdentityRow.epoch == epoch,
            IdentityRow.retired_at.is_(None),
        )
        .values(**values)
        .returning(IdentityRow.generation)
    )
    return changed.scalar() is not None


async def retire(session: AsyncSession, bot_id: str, generation: int, *, at: datetime) -> None:
    """Void a generation and everything older; what is retired already keeps its moment."""
    await session.execute(
        update(IdentityRow)
        .where(
            IdentityRow.bot_id == bot_id,
            IdentityRow.generation <= generation,
            IdentityRow.retired_at.is_(None),
        )
        .values(retired_at=at, gateway_key=None)
    )
