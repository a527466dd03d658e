"""Bots and their revisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class BotRow(Base):
    """A bot. It stays as a tombstone after its deletion, without its name being taken."""

    __tablename__ = "bot"
    __table_args__ = (
        Index(
            "uq_bot_live_name",
            "workspace_id",
            "name",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index(None, "workspace_id", "id"),
        Index(None, "workspace_id", "state_since", "id"),
        Index(None, "workspace_id", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    name: Mapped[str]
    fleet: Mapped[str]
    owner_id: Mapped[str]
    desired: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    state_since: Mapped[datetime]
    revision_id: Mapped[str]
    version: Mapped[int]
    """Rises with every change by a person; an edit names the one it read."""
    attempt: Mapped[int]
    restart: Mapped[int]
    redeploy: Mapped[int]
    urgent: Mapped[bool]
    """Killed: it is stopped without grace."""
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    """When a person asked for its deletion."""
    removed_at: Mapped[datetime | None]
    """When nothing of it was left."""


class RevisionRow(Base):
    """The immutable result of resolving a bot's document; never updated, never deleted."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("bot_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    bot_id: Mapped[str] = mapped_column(ForeignKey("bot.id"), index=True)
    number: Mapped[int]
    parent_id: Mapped[str | None]
    document: Mapped[dict[str, Any]]
    """The resolved spec, without the desired state."""
    renderer: Mapped[int]
    digest: Mapped[str]
    """Of the run unit; equal for revisions that run the same."""
    unit: Mapped[dict[str, Any]]
    """The run unit that a supervisor fetches by digest."""
    created_by: Mapped[str]
    created_at: Mapped[datetime]
