"""All SQL about operations."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.operations import OperationState
from homarus.domains.operation.tables import Operation
from homarus.kit.pagination import Page, PageAsk
from homarus.store.paging import fetch_page


def add(session: AsyncSession, operation: Operation) -> None:
    """Write a new operation."""
    session.add(operation)


async def get(session: AsyncSession, operation_id: str) -> Operation | None:
    """The operation of this id."""
    return await session.get(Operation, operation_id)


async def running_of(session: AsyncSession, subject_id: str) -> Sequence[Operation]:
    """Operations of a subject that have not ended, kept until the commit."""
    chosen = select(Operation).where(
        Operation.subject_id == subject_id, Operation.state == OperationState.RUNNING
    )
    return (await session.scalars(chosen.with_for_update())).all()


async def list_of(
    session: AsyncSession,
    workspace_id: str,
    ask: PageAsk,
    *,
    fleets: Collection[str] | None,
    subject: str,
) -> Page[Operation]:
    """Operations of a workspace (of some fleets; of one subject), newest first."""
    chosen = select(Operation).where(Operation.workspace_id == workspace_id)
    if fleets is not None:
        chosen = chosen.where(Operation.fleet.in_(fleets))
    if subject:
        chosen = chosen.where(or_(Operation.subject_id == subject, Operation.subject == subject))
    return await fetch_page(session, chosen, Operation.id, ask, newest_first=True)
