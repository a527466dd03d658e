"""Events: rows written with the change, read by number once the sequencer has given one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.kit.ids import new_id
from homarus.store.sequencer import Step, next_numbers
from homarus.store.tables import OutboxRow

KEPT = timedelta(days=7)
"""How long a reader may stay away and still resume."""
_BATCH = 500


def emit(
    session: AsyncSession,
    *,
    workspace_id: str,
    kind: str,
    subject_id: str,
    at: datetime,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Tell of a change in its own transaction; it leaves with the commit or not at all.

    ``kind`` is ``<noun>.<what happened>``; who may read ``<noun>:read`` sees it. A bot's event
    names its ``fleet`` in ``data``, so that a grant on a fleet sees it. No secret in ``data``.
    """
    session.add(
        OutboxRow(
            id=new_id("evt", now=at),
            workspace_id=workspace_id,
            kind=kind,
            subject_id=subject_id,
            data=dict(data or {}),
            at=at,
        )
    )


async def _waiting(session: AsyncSession) -> bool:
    unnumbered = select(OutboxRow.id).where(OutboxRow.number.is_(None)).limit(1)
    return await session.scalar(unnumbered) is not None


async def _number(session: AsyncSession) -> int:
    unnumbered = select(OutboxRow).where(OutboxRow.number.is_(None)).order_by(OutboxRow.id)
    rows = (await session.scalars(unnumbered.limit(_BATCH))).all()
    first = await next_numbers(session, "outbox", len(rows))
    for offset, row in enumerate(rows):
        row.number = first + offset
    return len(rows)


NUMBER_EVENTS = Step(_waiting, _number)
"""The step of the sequencer that numbers events, oldest first."""


async def events_after(
    session: AsyncSession, workspace_id: str, number: int, *, limit: int = 200
) -> Sequence[OutboxRow]:
    """Numbered events of a workspace after ``number``, in order."""
    chosen = (
        select(OutboxRow)
        .where(OutboxRow.workspace_id == workspace_id, OutboxRow.number > number)
        .order_by(OutboxRow.number)
        .limit(limit)
    )
    return (await session.scalars(chosen)).all()


async def last_number(session: AsyncSession, workspace_id: str) -> int:
    """The number of the newest event of a workspace; 0 if there is none."""
    newest = select(func.max(OutboxRow.number)).where(OutboxRow.workspace_id == workspace_id)
    return await session.scalar(newest) or 0


async def forget_events(session: AsyncSession, *, before: datetime) -> None:
    """Remove events older than ``before``; nobody resumes that far back."""
    await session.execute(
        delete(OutboxRow).where(OutboxRow.at < before, OutboxRow.number.is_not(None))
    )
