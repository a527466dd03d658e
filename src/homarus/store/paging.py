"""Keyset pagination in SQL, for lists of every noun."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from homarus.kit.pagination import Page, PageAsk, encode_cursor

T = TypeVar("T")


async def fetch_page(
    session: AsyncSession,
    chosen: Select[T],
    key: InstrumentedAttribute[str],
    ask: PageAsk,
    *,
    newest_first: bool = False,
) -> Page[T]:
    """Return one page of ``chosen`` in the order of ``key``, which must be unique within it."""
    if ask.after:
        chosen = chosen.where(key < ask.after if newest_first else key > ask.after)
    ordered = chosen.order_by(key.desc() if newest_first else key.asc()).limit(ask.limit + 1)
    found: list[Any] = list((await session.scalars(ordered)).all())
    items = found[: ask.limit]
    more = len(found) > ask.limit
    return Page(items, encode_cursor(getattr(items[-1], key.key)) if more else None)
