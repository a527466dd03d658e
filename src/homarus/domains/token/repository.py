"""All SQL about API tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.token.tables import ApiToken
from homarus.kit.pagination import Page, PageAsk
from homarus.store.paging import fetch_page


def add(session: AsyncSession, token: ApiToken) -> None:
    """Write a new token."""
    session.add(token)


async def get(session: AsyncSession, token_id: str) -> ApiToken | None:
    """The token of this id."""
    return await session.get(ApiToken, token_id)


async def get_by_hash(session: AsyncSession, hashed: str) -> ApiToken | None:
    """The token of this hash."""
    return await session.scalar(select(ApiToken).where(ApiToken.hash == hashed))


async def list_of(session: AsyncSession, user_id: str, ask: PageAsk) -> Page[ApiToken]:
    """Tokens of a user, newest first."""
    chosen = select(ApiToken).where(ApiToken.user_id == user_id)
    return await fetch_page(session, chosen, ApiToken.id, ask, newest_first=True)


async def touch(session: AsyncSession, token_id: str, now: datetime) -> None:
    """Note that the token was used."""
    await session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))
