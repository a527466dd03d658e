"""Operations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class Operation(Base):
    """A change under way: who began it, on what, how far it is, how it ended."""

    __tablename__ = "operation"
    __table_args__ = (Index(None, "workspace_id", "id"), Index(None, "subject_id", "state"))

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    kind: Mapped[str]
    subject_id: Mapped[str]
    subject: Mapped[str]
    fleet: Mapped[str]
    state: Mapped[str]
    steps: Mapped[list[Any]]
    error: Mapped[str]
    begun_by: Mapped[str]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
