"""What a generation of a bot proves itself with, and the last it reported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class IdentityRow(Base):
    """One generation of one bot. Retired rows stay: they are how a late one is refused."""

    __tablename__ = "placement_identity"
    __table_args__ = (Index(None, "token_digest", unique=True),)

    bot_id: Mapped[str] = mapped_column(ForeignKey("bot.id"), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    nonce: Mapped[str]
    token_digest: Mapped[str]
    token_expires_at: Mapped[datetime]
    public_key: Mapped[str]
    """Empty until it enrolled."""
    gateway_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """This generation's key for the AI gateway, sealed; gone once it is retired."""
    epoch: Mapped[int]
    """Rises with every session; what an older session still sends is dropped."""
    acked_seq: Mapped[int]
    """Highest command result that is stored."""
    report: Mapped[dict[str, Any] | None]
    report_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
