"""All SQL about commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.commands import CommandState
from homarus.domains.turn.tables import CommandRow

_PENDING = (CommandState.QUEUED, CommandState.SENT, CommandState.ACCEPTED)


async def get(session: AsyncSession, command_id: str, *, kind: str | None) -> CommandRow | None:
    """A command by id, of one kind if that is asked."""
    row = await session.get(CommandRow, command_id)
    return row if row is not None and (kind is None or row.kind == kind) else None


async def locked(session: AsyncSession, command_id: str) -> CommandRow | None:
    """A command that this transaction is about to change."""
    return await session.get(CommandRow, command_id, with_for_update=True)


def listing(workspace_id: str, *, kind: str, bot_id: str | None) -> Select[CommandRow]:
    """Commands of one kind in a workspace."""
    chosen = select(CommandRow).where(
        CommandRow.workspace_id == workspace_id, CommandRow.kind == kind
    )
    return chosen if bot_id is None else chosen.where(CommandRow.bot_id == bot_id)


async def pending(session: AsyncSession, bot_id: str, *, limit: int = 100) -> Sequence[CommandRow]:
    """Commands of a bot that are not finished, oldest first."""
    chosen = (
        select(CommandRow)
        .where(CommandRow.bot_id == bot_id, CommandRow.state.in_(_PENDING))
        .order_by(CommandRow.id)
        .limit(limit)
    )
    return (await session.scalars(chosen)).all()


async def mark_sent(session: AsyncSession, ids: Iterable[str]) -> None:
    """Note that a supervisor was told; those it already answered stay as they are."""
    await session.execute(
        update(CommandRow)
        .where(CommandRow.id.in_(list(ids)), CommandRow.state == CommandState.QUEUED)
        .values(state=CommandState.SENT)
    )


async def overdue(
    session: AsyncSession, *, before: datetime, limit: int = 200
) -> Sequence[CommandRow]:
    """Unfinished commands whose deadline lies before ``before``."""
    chosen = (
        select(CommandRow)
        .where(CommandRow.state.in_(_PENDING), CommandRow.deadline < before)
        .order_by(CommandRow.deadline)
        .limit(limit)
    )
    return (await session.scalars(chosen)).all()
