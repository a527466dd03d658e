"""People, what they were granted, and their ways in. Ways in are stored as hashes alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class User(Base):
    """A person. ``password_hash`` is absent until they choose one."""

    __tablename__ = "user"

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"), index=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]


class Grant(Base):
    """A role of a user, on one fleet or (``fleet`` empty) on the whole workspace."""

    __tablename__ = "grant"
    __table_args__ = (UniqueConstraint("user_id", "role", "fleet"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    role: Mapped[str]
    fleet: Mapped[str]


class LoginSession(Base):
    """A browser that is logged in; ``id`` is the hash of its cookie."""

    __tablename__ = "login_session"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LoginLink(Base):
    """A link that logs in once; ``id`` is the hash of its token."""

    __tablename__ = "login_link"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
