"""Remembered creations, so that a repeated request makes nothing twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class IdempotencyRow(Base):
    """The outcome of one creating request."""

    __tablename__ = "idempotency"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    principal_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    result_id: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
