"""All SQL about people and their ways in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.user.tables import Grant, LoginLink, LoginSession, User
from homarus.kit.pagination import Page, PageAsk
from homarus.store.base import Base
from homarus.store.paging import fetch_page


def add(session: AsyncSession, row: Base) -> None:
    """Write a new row."""
    session.add(row)


async def get(session: AsyncSession, user_id: str) -> User | None:
    """The user of this id, in whatever workspace."""
    return await session.get(User, user_id)


async def get_by_email(session: AsyncSession, email: str) -> User | None:
    """The user of this e-mail (lower case)."""
    return await session.scalar(select(User).where(User.email == email))


async def list_of(session: AsyncSession, workspace_id: str, ask: PageAsk) -> Page[User]:
    """Users of a workspace, oldest first."""
    chosen = select(User).where(User.workspace_id == workspace_id)
    return await fetch_page(session, chosen, User.id, ask)


async def delete_user(session: AsyncSession, user_id: str) -> None:
    """Remove a user; grants, sessions, links and tokens go with it."""
    await session.execute(delete(User).where(User.id == user_id))


async def grants_of(session: AsyncSession, user_ids: Sequence[str]) -> Sequence[Grant]:
    """Grants of these users, in a fixed order."""
    chosen = select(Grant).where(Grant.user_id.in_(user_ids)).order_by(Grant.id)
    return (await session.scalars(chosen)).all()


async def delete_grants(session: AsyncSession, user_id: str) -> None:
    """Take every grant of a user away."""
    await session.execute(delete(Grant).where(Grant.user_id == user_id))


async def users_with_role(session: AsyncSession, workspace_id: str, role: str) -> Sequence[str]:
    """Ids of users with a role on the whole workspace, oldest first, kept until the commit."""
    chosen = (
        select(User.id)
        .join(Grant, Grant.user_id == User.id)
        .where(User.workspace_id == workspace_id, Grant.role == role, Grant.fleet == "")
        .order_by(User.id)
        .with_for_update()
    )
    return (await session.scalars(chosen)).all()


async def session_of(session: AsyncSession, hashed: str, now: datetime) -> LoginSession | None:
    """The session of this cookie hash, if it has not ended."""
    found = await session.get(LoginSession, hashed)
    return found if found is not None and found.expires_at > now else None


async def end_session(session: AsyncSession, hashed: str) -> None:
    """Log one browser out."""
    await session.execute(delete(LoginSession).where(LoginSession.id == hashed))


async def end_sessions_of(session: AsyncSession, user_id: str) -> None:
    """Log a user out everywhere, and void links not used yet."""
    await session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
    await session.execute(delete(LoginLink).where(LoginLink.user_id == user_id))


async def take_link(session: AsyncSession, hashed: str, now: datetime) -> str | None:
    """Use a link up; the id of its user, or None if it is unknown, used or too old."""
    taken = delete(LoginLink).where(LoginLink.id == hashed, LoginLink.expires_at > now)
    return await session.scalar(taken.returning(LoginLink.user_id))


async def forget_expired(session: AsyncSession, now: datetime) -> None:
    """Remove ways in that ended."""
    await session.execute(delete(LoginSession).where(LoginSession.expires_at <= now))
    await session.execute(delete(LoginLink).where(LoginLink.expires_at <= now))
