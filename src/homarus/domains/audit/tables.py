"""Audit events; ``number``, ``previous`` and ``hash`` are given by the sequencer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class AuditEvent(Base):
    """One thing that somebody did. Never changed once linked, never deleted."""

    __tablename__ = "audit_event"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        Index(None, "number", "id"),
        Index(None, "workspace_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    via: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
    number: Mapped[int | None]
    previous: Mapped[str | None]
    hash: Mapped[str | None]
