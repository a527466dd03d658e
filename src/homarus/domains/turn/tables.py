"""Commands to supervisors; a turn is a command of kind ``turn``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class CommandRow(Base):
    """One command: its id is the key under which it happens at most once."""

    __tablename__ = "command"
    __table_args__ = (
        Index(None, "bot_id", "state"),
        Index(None, "workspace_id", "kind", "id"),
        Index(None, "state", "deadline"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    bot_id: Mapped[str] = mapped_column(ForeignKey("bot.id"))
    kind: Mapped[str]
    params: Mapped[dict[str, str]]
    deadline: Mapped[datetime]
    state: Mapped[str]
    text: Mapped[str]
    """The answer of a done command, the reason of any other end."""
    usage: Mapped[dict[str, Any] | None]
    trace_id: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
