"""Folding records into the ledger: what a batch means, decided before anything is written.

The worker's cursor moves in the same transaction as the effects, so a batch that comes twice,
late or after a crash changes nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.budget.service import BudgetService, Effect
from homarus.domains.call import repository
from homarus.domains.call.tables import Call, Worker
from homarus.kit.ids import new_id
from homarus.protocol import gateway as wire
from homarus.store.outbox import emit

Draws = Sequence[wire.Draw]


@dataclass(slots=True)
class _Open:
    """A call that has no end yet: where it came from, and what is reserved for it."""

    row: dict[str, Any]
    fresh: bool
    draws: list[wire.Draw]


@dataclass(slots=True)
class Batch:
    """What a run of records amounts to."""

    fresh: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    slices: dict[str, Effect] = field(default_factory=dict)
    spend: dict[tuple[str, str, date], dict[str, int]] = field(default_factory=dict)
    sealed: bool = False
    crashed: bool = False

    def workspaces(self) -> set[str]:
        """Whose calls began or ended."""
        return {row["workspace_id"] for row in self.fresh} | {key[0] for key in self.spend}


async def fold(
    session: AsyncSession,
    budgets: BudgetService,
    worker: Worker,
    from_seq: int,
    records: Sequence[wire.Record],
    *,
    at: datetime,
) -> bool:
    """Fold what is new of a batch; ``worker`` is held by this transaction.

    Tells each workspace once that calls were recorded, however many there are.

    Returns:
        False if records are missing before it: nothing changed, ship again from ``acked_seq``.
    """
    if from_seq > worker.acked_seq + 1:
        return False
    records = records[worker.acked_seq + 1 - from_seq :]
    if not records or worker.state != "live":
        return True
    first = worker.acked_seq + 1
    batch = await _understand(session, worker.id, first, records)
    await repository.add_calls(session, batch.fresh)
    await repository.change_calls(session, batch.changed)
    await budgets.fold(session, batch.slices)
    for key, sums in sorted(batch.spend.items()):
        await repository.add_spend(session, key, sums)
    for workspace_id in sorted(batch.workspaces()):
        emit(session, workspace_id=workspace_id, kind="call.recorded", subject_id=worker.id, at=at)
    worker.acked_seq = first + len(records) - 1
    if batch.sealed:
        worker.state = "lost" if batch.crashed else "sealed"
        await budgets.close(session, worker.id, accounted=not batch.crashed)
    return True


async def _understand(
    session: AsyncSession, worker_id: str, first: int, records: Sequence[wire.Record]
) -> Batch:
    batch = Batch()
    sealing = any(isinstance(record, wire.Seal) for record in records)
    told = {r.call for r in records if isinstance(r, wire.Close | wire.Topup) and r.call < first}
    calls: dict[int, _Open] = {}
    if told or sealing:
        for row in await repository.open_calls(session, worker_id, None if sealing else told):
            draws = [wire.Draw(slice_, amount) for slice_, amount in row.draws]
            calls[row.seq] = _Open(_known(row), False, draws)
    for seq, record in enumerate(records, first):
        match record:
            case wire.Open():
                row_values = _opened(worker_id, seq, record)
                calls[seq] = _Open(row_values, True, list(record.draws))
            case wire.Topup():
                if record.call in calls:
                    calls[record.call].draws += record.draws
                    calls[record.call].row["cost_nano"] += record.amount
            case wire.Close():
                if record.call in calls:
                    _end(batch, calls.pop(record.call), _closed(record), record.draws)
            case wire.Return():
                for draw in record.draws:
                    batch.slices.setdefault(draw.slice, Effect()).returned += draw.amount
            case wire.Seal():
                batch.sealed, batch.crashed = True, record.crashed
    for left in calls.values():
        if batch.sealed:
            _interrupt(batch, left)
        else:
            _keep(batch, left)
    return batch


def _keep(batch: Batch, call: _Open) -> None:
    draws = [[draw.slice, draw.amount] for draw in call.draws]
    if call.fresh:
        batch.fresh.append({**call.row, "draws": draws})
    else:
        kept = ("worker_id", "seq", "cost_nano")
        batch.changed.append({**{name: call.row[name] for name in kept}, "draws": draws})


def _end(batch: Batch, call: _Open, ended: dict[str, Any], draws: Draws) -> None:
    ended = {**ended, "draws": []}
    if call.fresh:
        batch.fresh.append({**call.row, **ended})
    else:
        key = {"worker_id": call.row["worker_id"], "seq": call.row["seq"]}
        batch.changed.append({**key, **ended})
    for draw in draws:
        batch.slices.setdefault(draw.slice, Effect()).used += draw.amount
    started: datetime = call.row["started_at"]
    day = (call.row["workspace_id"], call.row["bot_id"], started.astimezone(UTC).date())
    sums = batch.spend.setdefault(
        day,
        dict.fromkeys(repository.SUMS, 0),
    )
    sums["calls"] += 1
    sums["failed"] += ended["state"] in ("failed", "cut", "interrupted")
    sums["unpriced"] += not ended["price_id"]
    sums["input_tokens"] += (
        ended["input_tokens"] + ended["cached_read_tokens"] + ended["cache_write_tokens"]
    )
    sums["output_tokens"] += ended["output_tokens"]
    sums["cost_nano"] += ended["cost_nano"]


def _interrupt(batch: Batch, call: _Open) -> None:
    """The worker died with this call under way: it is charged at its estimate."""
    ended = {
        "state": "interrupted",
        "ended_at": call.row["started_at"],
        "usage_source": "estimated",
        "input_tokens": 0,
        "cached_read_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 0,
        "price_id": call.row["price_id"],
        "cost_nano": call.row["cost_nano"],
    }
    _end(batch, call, ended, call.draws)


def _opened(worker_id: str, seq: int, record: wire.Open) -> dict[str, Any]:
    started = moment(record.at)
    entropy = hashlib.blake2b(f"{worker_id}/{seq}".encode(), digest_size=10).digest()
    return {
        "worker_id": worker_id,
        "seq": seq,
        "id": new_id("call", now=started, entropy=entropy),
        "workspace_id": record.workspace,
        "bot_id": record.bot,
        "generation": record.generation,
        "trace_id": record.trace,
        "model": record.model,
        "provider_id": record.provider,
        "upstream_model": record.upstream_model,
        "format": record.format,
        "stream": record.stream,
        "demo": record.demo,
        "state": "open",
        "started_at": started,
        "first_at": None,
        "ended_at": None,
        "http_status": 0,
        "fault": "",
        "input_tokens": 0,
        "cached_read_tokens": 0,
        "cache_write_tokens": 0,
        "output_tokens": 0,
        "reasoning_tokens": 0,
        "usage_source": "none",
        "price_id": record.price,
        "cost_nano": record.estimate,
    }


def _closed(record: wire.Close) -> dict[str, Any]:
    return {
        "state": record.outcome,
        "first_at": moment(record.first_at) if record.first_at else None,
        "ended_at": moment(record.at),
        "http_status": record.status,
        "fault": record.fault,
        "input_tokens": record.usage.input,
        "cached_read_tokens": record.usage.cached_read,
        "cache_write_tokens": record.usage.cache_write,
        "output_tokens": record.usage.output,
        "reasoning_tokens": record.usage.reasoning,
        "usage_source": record.source,
        "price_id": record.price,
        "cost_nano": record.cost,
    }


def _known(row: Call) -> dict[str, Any]:
    return {
        "worker_id": row.worker_id,
        "seq": row.seq,
        "workspace_id": row.workspace_id,
        "bot_id": row.bot_id,
        "started_at": row.started_at,
        "price_id": row.price_id,
        "cost_nano": row.cost_nano,
    }


def moment(nanoseconds: int) -> datetime:
    """Return a record's moment, to the microsecond."""
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)
