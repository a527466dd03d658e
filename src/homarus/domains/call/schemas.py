"""Calls, totals and gateways as the API takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from homarus.domains.call.tables import Call, Worker
from homarus.kit.money import to_usd
from homarus.web.pages import Input, View

CallState = Literal["open", "done", "failed", "cancelled", "cut", "interrupted"]


class GatewayEnrol(Input):
    """A gateway's first words; see `homarus.protocol.identity.Enrol`."""

    token: str = Field(max_length=200)
    public_key: str = Field(min_length=43, max_length=43)
    facts: dict[str, str] = Field(default_factory=dict, max_length=16)


class GatewayEnrolled(View):
    """Under which name the gateway opens its sessions, and where."""

    subject: str
    session_path: str


class CallView(View):
    """One attempt at a model call."""

    id: str
    bot_id: str
    generation: int
    trace_id: str
    model: str
    provider_id: str
    upstream_model: str
    format: str
    stream: bool
    demo: bool
    state: CallState
    started_at: datetime
    first_at: datetime | None
    ended_at: datetime | None
    http_status: int
    fault: str
    input_tokens: int
    cached_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    usage_source: str
    priced: bool
    price_id: str
    cost_usd: Decimal

    @classmethod
    def of(cls, row: Call) -> CallView:
        """Show a row."""
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(**same, priced=bool(row.price_id), cost_usd=to_usd(row.cost_nano))


class BotTotal(View):
    """What one bot used in the days asked for."""

    bot_id: str
    calls: int
    unpriced_calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal


class TotalsView(View):
    """Sums of ended calls, by bot and altogether."""

    days: int
    bots: list[BotTotal]
    cost_usd: Decimal


class DayTotal(View):
    """What all bots used on one day (UTC): calls that began on it and have ended."""

    day: date
    calls: int
    failed: int = Field(description="of these: failed, cut or interrupted")
    unpriced_calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal

    @classmethod
    def of(cls, day: date, sums: Mapping[str, int]) -> DayTotal:
        """Show a day's sums."""
        same = {name: sums[name] for name in ("calls", "failed", "input_tokens", "output_tokens")}
        cost = to_usd(sums["cost_nano"])
        return cls(day=day, unpriced_calls=sums["unpriced"], cost_usd=cost, **same)


class TrendView(View):
    """Sums by day, oldest first; every day is there."""

    days: list[DayTotal]


class WorkerView(View):
    """A worker whose machine went down with allowance unaccounted."""

    id: str
    node: str
    seen_at: datetime

    @classmethod
    def of(cls, row: Worker) -> WorkerView:
        """Show a row."""
        return cls(id=row.id, node=row.node, seen_at=row.seen_at)


class ReleasedView(View):
    """What was freed."""

    freed_usd: Decimal
