"""The store's own tables; those of a noun are in ``domains/<noun>/tables.py``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class OutboxRow(Base):
    """One event, written with the change it tells of; ``number`` comes later (sequencer)."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "workspace_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int | None] = mapped_column(unique=True)
    workspace_id: Mapped[str]
    kind: Mapped[str]
    subject_id: Mapped[str]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)


class CounterRow(Base):
    """The last number that a sequence has given out."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class LeaseRow(Base):
    """Who works on something until when; ``fence`` never falls, also when it is given back."""

    __tablename__ = "lease"

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    fence: Mapped[int]
    until: Mapped[datetime]


class MachineRow(Base):
    """A row of a state machine; see `homarus.ports.machine_store`."""

    __tablename__ = "machine"
    __table_args__ = (Index(None, "kind", "state", "key"), Index(None, "kind", "group", "key"))

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    state: Mapped[str]
    group: Mapped[str]
    data: Mapped[dict[str, Any]]


class InstallationRow(Base):
    """The one row of its table."""

    __tablename__ = "installation"

    one: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str]
    """Marks run folders as ours: a copied home folder of another store is left alone."""
    key_salt: Mapped[str]
    """Keys the digests by which bot keys are known. Apart from the master key, since a
    rotation of that must not void every key of every running bot."""
