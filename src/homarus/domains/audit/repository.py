"""All SQL about audit events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.audit.tables import AuditEvent
from homarus.kit.pagination import Page, PageAsk
from homarus.store.paging import fetch_page


def add(session: AsyncSession, event: AuditEvent) -> None:
    """Write a new event, unlinked."""
    session.add(event)


async def unlinked(session: AsyncSession, limit: int) -> Sequence[AuditEvent]:
    """The oldest events without a link, of every workspace."""
    chosen = select(AuditEvent).where(AuditEvent.number.is_(None))
    return (await session.scalars(chosen.order_by(AuditEvent.id).limit(limit))).all()


async def last_linked(session: AsyncSession, workspace_id: str) -> AuditEvent | None:
    """The newest linked event of a workspace."""
    chosen = (
        select(AuditEvent)
        .where(AuditEvent.workspace_id == workspace_id, AuditEvent.number.is_not(None))
        .order_by(AuditEvent.number.desc())
        .limit(1)
    )
    return await session.scalar(chosen)


async def linked_after(
    session: AsyncSession, workspace_id: str, number: int, limit: int
) -> Sequence[AuditEvent]:
    """Linked events of a workspace after ``number``, in the order of their links."""
    chosen = (
        select(AuditEvent)
        .where(AuditEvent.workspace_id == workspace_id, AuditEvent.number > number)
        .order_by(AuditEvent.number)
        .limit(limit)
    )
    return (await session.scalars(chosen)).all()


async def unlinked_of(session: AsyncSession, workspace_id: str) -> Sequence[AuditEvent]:
    """Events of a workspace that have no link yet: those of the last second or so."""
    chosen = select(AuditEvent).where(
        AuditEvent.workspace_id == workspace_id, AuditEvent.number.is_(None)
    )
    return (await session.scalars(chosen.order_by(AuditEvent.id))).all()


async def list_of(
    session: AsyncSession, workspace_id: str, ask: PageAsk, *, subject: str, action: str
) -> Page[AuditEvent]:
    """Events of a workspace, newest first; empty filters take all."""
    chosen = select(AuditEvent).where(AuditEvent.workspace_id == workspace_id)
    if subject:
        chosen = chosen.where(AuditEvent.subject == subject)
    if action:
        chosen = chosen.where(AuditEvent.action == action)
    return await fetch_page(session, chosen, AuditEvent.id, ask, newest_first=True)
