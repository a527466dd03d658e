"""Providers, routes and prices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class Provider(Base):
    """A model service and the key that we hold for it, sealed."""

    __tablename__ = "provider"
    __table_args__ = (UniqueConstraint("workspace_id", "name"), Index(None, "workspace_id", "id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    name: Mapped[str]
    type: Mapped[str]
    base_url: Mapped[str]
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Route(Base):
    """A model name that bots use, and the provider's model that answers to it."""

    __tablename__ = "route"
    __table_args__ = (UniqueConstraint("workspace_id", "name"), Index(None, "workspace_id", "id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    name: Mapped[str]
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    model: Mapped[str]
    max_output: Mapped[int]
    price_id: Mapped[str | None] = mapped_column(ForeignKey("price.id"))
    """Null: unpriced, which is shown as such and never counted as free."""
    created_at: Mapped[datetime]


class Price(Base):
    """Nano-dollars per million tokens. Never changed: calls name the price they paid."""

    __tablename__ = "price"

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    source: Mapped[str]
    """``own``, ``demo`` (pretend money), or the price list and its version."""
    input: Mapped[int]
    cached_read: Mapped[int]
    cache_write: Mapped[int]
    output: Mapped[int]
    created_at: Mapped[datetime]
