"""Gateways, their workers, bot keys, and the ledger of calls."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class Gateway(Base):
    """An enrolled AI gateway: armed with a token, then known by its key."""

    __tablename__ = "gateway"

    id: Mapped[str] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    token_expires_at: Mapped[datetime]
    public_key: Mapped[str]
    """Empty until it enrolled."""
    created_at: Mapped[datetime]


class Worker(Base):
    """One process of a gateway and its spool.

    state: ``live``, ``sealed`` (all of its records are folded), ``lost`` (its machine went
    down: what it held is unaccounted until a person releases it).
    """

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(primary_key=True)
    gateway_id: Mapped[str] = mapped_column(ForeignKey("gateway.id"))
    node: Mapped[str]
    boot_id: Mapped[str]
    state: Mapped[str]
    acked_seq: Mapped[int]
    seen_at: Mapped[datetime]


class BotKey(Base):
    """A bot's key for the gateway, by its digest. Belongs to one generation, dies with it."""

    __tablename__ = "bot_key"
    __table_args__ = (Index(None, "bot_id"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    bot_id: Mapped[str]
    generation: Mapped[int]
    paused: Mapped[bool]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(index=True)


class Call(Base):
    """One attempt at a model call. Known by (worker, number of its OPEN record).

    state: ``open``, then ``done``, ``failed``, ``cancelled``, ``cut`` (its budget ran out in
    mid-answer) or ``interrupted`` (its worker died; charged at its estimate).
    """

    __tablename__ = "call"
    __table_args__ = (
        Index(None, "workspace_id", "id"),
        Index(None, "bot_id", "id"),
        Index(None, "trace_id"),
        Index(None, "id", unique=True),
    )

    worker_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str]
    workspace_id: Mapped[str]
    bot_id: Mapped[str]
    generation: Mapped[int]
    trace_id: Mapped[str]
    model: Mapped[str]
    provider_id: Mapped[str]
    upstream_model: Mapped[str]
    format: Mapped[str]
    stream: Mapped[bool]
    demo: Mapped[bool]
    state: Mapped[str]
    started_at: Mapped[datetime]
    first_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    http_status: Mapped[int]
    fault: Mapped[str]
    input_tokens: Mapped[int]
    cached_read_tokens: Mapped[int]
    cache_write_tokens: Mapped[int]
    output_tokens: Mapped[int]
    reasoning_tokens: Mapped[int]
    usage_source: Mapped[str]
    """``reported``, ``estimated`` or ``none``."""
    price_id: Mapped[str]
    """Empty: unpriced."""
    cost_nano: Mapped[int]
    """While open: the estimate."""
    draws: Mapped[list[Any]]
    """While open: what is reserved, as [slice, amount]; empty afterwards."""


class Spend(Base):
    """Sums of a bot's ended calls on one day (UTC), kept by the fold."""

    __tablename__ = "spend"
    __table_args__ = (Index(None, "workspace_id", "day"),)

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    bot_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int]
    failed: Mapped[int]
    """Of these: failed, cut or interrupted. What a bot itself cancelled is none."""
    unpriced: Mapped[int]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cost_nano: Mapped[int]
