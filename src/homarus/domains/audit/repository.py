"""All SQL about audit events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.audit.tables import AuditEvent
from homarus.kit.ids import first_id
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events a list shows; empty: not narrowed by this."""

    subject: str = ""
    action: str = ""
    actor: str = ""
    """Id or name of who did it."""
    search: str = ""
    """A part of the subject, its name, the action or who did it."""
    since: datetime | None = None
    until: datetime | None = None
    """Not this moment itself."""


async def list_of(
    session: AsyncSession, workspace_id: str, ask: PageAsk, wanted: Wanted
) -> Page[AuditEvent]:
    """Events of a workspace, newest first."""
    chosen = select(AuditEvent).where(AuditEvent.workspace_id == workspace_id)
    if wanted.subject:
        chosen = chosen.where(AuditEvent.subject == wanted.subject)
    if wanted.action:
        chosen = chosen.where(AuditEvent.action == wanted.action)
    if wanted.actor:
        chosen = chosen.where(
            or_(AuditEvent.actor_id == wanted.actor, AuditEvent.actor_name == wanted.actor)
        )
    if wanted.search:
        # A subject is mostly an id; the name that people know it by is in the detail.
        places = (AuditEvent.subject, AuditEvent.action, AuditEvent.actor_name)
        texts = (
            *places,
            AuditEvent.detail["name"].as_string(),
            AuditEvent.detail["email"].as_string(),
        )
        part = wanted.search.lower()
        chosen = chosen.where(
            or_(*(func.lower(text).contains(part, autoescape=True) for text in texts))
        )
    if wanted.since is not None:
        first = first_id("aud", since=wanted.since)
        chosen = chosen.where(AuditEvent.id >= first, AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        beyond = first_id("aud", since=wanted.until + timedelta(milliseconds=1))
        chosen = chosen.where(AuditEvent.id < beyond, AuditEvent.at < wanted.until)
    return await fetch_page(session, chosen, AuditEvent.id, ask, newest_first=True)
