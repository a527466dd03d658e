"""Budgets, their windows, and what workers hold of them. Money is nano-dollars."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from homarus.store.base import Base


class Budget(Base):
    """The most that a scope (``bot`` or ``workspace``) may spend in one window."""

    __tablename__ = "budget"
    __table_args__ = (
        UniqueConstraint("scope_kind", "scope_id"),
        Index(None, "workspace_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str]
    scope_kind: Mapped[str]
    scope_id: Mapped[str]
    label: Mapped[str]
    limit_nano: Mapped[int]
    period: Mapped[str]
    created_at: Mapped[datetime]


class BudgetWindow(Base):
    """One window: ``spent + exposure <= limit + overdraft`` at all times.

    exposure is what open slices may still spend; overdraft what calls cost beyond what was
    reserved for them. ``start`` is in seconds since 1970.
    """

    __tablename__ = "budget_window"

    budget_id: Mapped[str] = mapped_column(ForeignKey("budget.id"), primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    spent: Mapped[int]
    exposure: Mapped[int]
    overdraft: Mapped[int]


class BudgetSlice(Base):
    """Allowance granted to one worker; the worker chose the id, so asking twice grants once.

    state: ``open``, ``closed`` (its worker is sealed, nothing is left), ``unaccounted`` (its
    worker's machine went down: what is left stays set aside until a person releases it).
    """

    __tablename__ = "budget_slice"
    __table_args__ = (Index(None, "worker_id", "state"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    budget_id: Mapped[str]
    window_start: Mapped[int]
    worker_id: Mapped[str]
    amount: Mapped[int]
    used: Mapped[int]
    state: Mapped[str]
