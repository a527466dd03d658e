"""INSERT ... ON CONFLICT, which both databases have under two names."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.store.base import Base


def insert_into(session: AsyncSession, table: type[Base]) -> postgresql.Insert:
    """Return an INSERT for the session's own database, with its ``on_conflict_*`` methods.

    Typed as PostgreSQL's: SQLite's has the same methods that we use.
    """
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)  # type: ignore[return-value]  # the same methods by another name
