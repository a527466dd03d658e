"""What gateways must know, read from the store; and the difference between two readings."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.budget.service import BudgetService
from homarus.domains.call import repository
from homarus.domains.provider.service import ProviderService
from homarus.protocol import gateway as wire

_IDS = {"keys": "digest", "budgets": "id", "providers": "id", "routes": "id"}


async def read(
    session: AsyncSession, budgets: BudgetService, providers: ProviderService
) -> wire.Snapshot:
    """Read everything. The version is read first: the rows are as new or newer, never older."""
    version = await repository.snapshot_version(session)
    limits = await budgets.everything(session)
    by_scope = {(row.scope_kind, row.scope_id): row.id for row in limits}
    keys = []
    for key in await repository.live_keys(session):
        scopes = (("bot", key.bot_id), ("workspace", key.workspace_id))
        held = tuple(by_scope[scope] for scope in scopes if scope in by_scope)
        keys.append(
            wire.KeyRow(key.digest, key.workspace_id, key.bot_id, key.generation, key.paused, held)
        )
    provider_rows, route_rows = await providers.rows(session)
    tables = wire.Tables(
        keys=tuple(keys),
        budgets=tuple(wire.BudgetRow(row.id, row.label, row.period) for row in limits),
        providers=provider_rows,
        routes=route_rows,
    )
    return wire.Snapshot(version, tables)


def between(old: wire.Snapshot, new: wire.Snapshot) -> list[wire.Delta]:
    """Return the deltas from ``old`` to ``new``: keys that die or pause in the first.

    There is always at least one, so that the new version is acknowledged even if it
    changed nothing that a gateway knows.
    """
    gone = _gone("keys", old, new)
    known = {row.digest: row for row in old.tables.keys}
    paused = tuple(
        row
        for row in new.tables.keys
        if row.paused and row.digest in known and not known[row.digest].paused
    )
    deltas = []
    base = old.version
    if gone or paused:
        deltas.append(wire.Delta(base, new.version, wire.Tables(keys=paused), tuple(gone)))
        base = new.version
    fresh: dict[str, Any] = {table: _fresh(table, old, new) for table in _IDS}
    removed = [pair for table in _IDS if table != "keys" for pair in _gone(table, old, new)]
    if fresh != dict.fromkeys(_IDS, ()) or removed or not deltas:
        deltas.append(wire.Delta(base, new.version, wire.Tables(**fresh), tuple(removed)))
    return deltas


def _rows(table: str, snapshot: wire.Snapshot) -> dict[str, Any]:
    return {getattr(row, _IDS[table]): row for row in getattr(snapshot.tables, table)}


def _gone(table: str, old: wire.Snapshot, new: wire.Snapshot) -> list[tuple[str, str]]:
    left = _rows(table, new)
    return [(table, id_) for id_ in _rows(table, old) if id_ not in left]


def _fresh(table: str, old: wire.Snapshot, new: wire.Snapshot) -> tuple[Any, ...]:
    known = _rows(table, old)
    return tuple(row for id_, row in _rows(table, new).items() if known.get(id_) != row)
