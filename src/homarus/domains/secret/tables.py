"""Secrets and the keys that seal them; nothing here opens without the master key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class MasterCheck(Base):
    """Tells the right master key from a wrong one. One row, ``id`` is ``master``."""

    __tablename__ = "master_check"

    id: Mapped[str] = mapped_column(primary_key=True)
    check_value: Mapped[str]


class DataKey(Base):
    """The key of a workspace, sealed by the master key; ``version`` rises with every change."""

    __tablename__ = "data_key"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    sealed: Mapped[bytes]
    version: Mapped[int]


class Secret(Base):
    """A sealed value. ``version`` rises with every new value and is part of the seal."""

    __tablename__ = "secret"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    name: Mapped[str]
    version: Mapped[int]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
