"""Keyset pagination in SQL, for lists of every noun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from homarus.errors import Invalid
from homarus.kit.pagination import Page, PageAsk, bind_key, bound_key, encode_cursor
from homarus.store.base import UtcDateTime

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


@dataclass(frozen=True, slots=True)
class Sorting:
    """An order that callers choose: ``keys``, texts or moments, together unique."""

    keys: Sequence[InstrumentedAttribute[Any]]
    descending: bool
    listing: str
    """Says what is listed and how; a cursor of another listing is refused."""


async def fetch_sorted(
    session: AsyncSession, chosen: Select[T], order: Sorting, ask: PageAsk
) -> Page[T]:
    """Return one page of ``chosen`` in this order.

    Raises:
        Invalid: the cursor was made for another listing.
    """
    if ask.after:
        after = bound_key(ask.after, order.listing, parts=len(order.keys))
        chosen = chosen.where(_beyond(order, after))
    directed = [key.desc() if order.descending else key.asc() for key in order.keys]
    found: list[Any] = list(
        (await session.scalars(chosen.order_by(*directed).limit(ask.limit + 1))).all()
    )
    items = found[: ask.limit]
    if len(found) <= ask.limit:
        return Page(items, None)
    last = [_word(getattr(items[-1], key.key)) for key in order.keys]
    return Page(items, encode_cursor(bind_key(order.listing, last)))


def _beyond(order: Sorting, after: Sequence[str]) -> ColumnElement[bool]:
    """What comes after a key: later in its first part, or equal there and later in the next."""
    cases: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, word in zip(order.keys, after, strict=True):
        value = _value(key, word)
        cases.append(and_(*equal, key < value if order.descending else key > value))
        equal.append(key == value)
    return or_(*cases)


def _word(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _value(key: InstrumentedAttribute[Any], word: str) -> object:
    if not isinstance(key.type, UtcDateTime):
        return word
    try:
        return datetime.fromisoformat(word).astimezone(UTC)
    except (ValueError, OverflowError) as fault:  # somebody made it up, mark and all
        raise Invalid("cursor: this is not a cursor of ours.", hint="Leave it out.") from fault
