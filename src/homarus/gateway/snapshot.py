"""What a worker knows of the control plane's configuration: immutable, swapped whole.

A call keeps the snapshot that it began with. Deltas copy only the tables they touch.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from homarus.core.routes import endpoint
from homarus.gateway.formats import FORMATS
from homarus.gateway.wire.outbound import Origin
from homarus.protocol import gateway as wire

_DIGEST_SIZE = 32
Row = TypeVar("Row")


class Key(msgspec.Struct, frozen=True, gc=False):
    """A bot key and all that a call with it draws on."""

    workspace: str
    bot: str
    generation: int
    paused: bool
    budgets: tuple[wire.BudgetRow, ...]


class Way(msgspec.Struct, frozen=True, gc=False):
    """One route in one format, ready to be sent along: where, and the head's fixed lines."""

    route: wire.RouteRow
    provider: wire.ProviderRow
    origin: Origin
    head: bytes


class Snapshot(msgspec.Struct, frozen=True):
    """Everything as of one version."""

    version: int
    pepper: bytes
    rows: wire.Tables
    keys: dict[bytes, Key]
    ways: dict[tuple[str, str, str], Way]
    """By (workspace, model name, format)."""
    names: dict[str, tuple[str, ...]]
    """Model names of each workspace."""
    budgets: dict[str, wire.BudgetRow]


def key_digest(pepper: bytes, key: bytes) -> bytes:
    """Return the digest by which a bot key is known outside its bot."""
    return hashlib.blake2b(key, key=pepper, digest_size=_DIGEST_SIZE).digest()


def build(version: int, pepper: bytes, rows: wire.Tables) -> Snapshot:
    """Index a whole snapshot."""
    budgets = {row.id: row for row in rows.budgets}
    ways = _ways(rows)
    return Snapshot(
        version, pepper, rows, _keys(rows.keys, budgets), ways, _names(rows.routes), budgets
    )


def advance(old: Snapshot, delta: wire.Delta) -> Snapshot:
    """Return the snapshot after ``delta``, which must be based on ``old``."""
    gone: dict[str, set[str]] = {}
    for table, id_ in delta.removed:
        gone.setdefault(table, set()).add(id_)
    rows = wire.Tables(
        keys=_merge(old.rows.keys, delta.tables.keys, gone.get("keys"), "digest"),
        budgets=_merge(old.rows.budgets, delta.tables.budgets, gone.get("budgets"), "id"),
        providers=_merge(old.rows.providers, delta.tables.providers, gone.get("providers"), "id"),
        routes=_merge(old.rows.routes, delta.tables.routes, gone.get("routes"), "id"),
    )
    budgets, keys, ways, names = old.budgets, old.keys, old.ways, old.names
    if rows.budgets is not old.rows.budgets:
        budgets = {row.id: row for row in rows.budgets}
    if rows.budgets is not old.rows.budgets:
        keys = _keys(rows.keys, budgets)
    elif rows.keys is not old.rows.keys:
        keys = dict(keys)
        for digest in gone.get("keys", ()):
            keys.pop(bytes.fromhex(digest), None)
        keys |= _keys(delta.tables.keys, budgets)
    if rows.routes is not old.rows.routes or rows.providers is not old.rows.providers:
        ways, names = _ways(rows), _names(rows.routes)
    return Snapshot(delta.version, old.pepper, rows, keys, ways, names, budgets)


def _merge(
    old: tuple[Row, ...], new: tuple[Row, ...], gone: set[str] | None, by: str
) -> tuple[Row, ...]:
    if not new and not gone:
        return old
    merged = {getattr(row, by): row for row in old}
    for id_ in gone or ():
        merged.pop(id_, None)
    merged.update({getattr(row, by): row for row in new})
    return tuple(merged.values())


def _keys(rows: tuple[wire.KeyRow, ...], budgets: dict[str, wire.BudgetRow]) -> dict[bytes, Key]:
    keys = {}
    for row in rows:
        # A key whose budget is unknown is no key: spending without a limit is not an option.
        if all(id_ in budgets for id_ in row.budgets):
            keys[bytes.fromhex(row.digest)] = Key(
                row.workspace,
                row.bot,
                row.generation,
                row.paused,
                tuple(budgets[id_] for id_ in row.budgets),
            )
    return keys


def _names(rows: tuple[wire.RouteRow, ...]) -> dict[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for row in sorted(rows, key=lambda row: row.name):
        names[row.workspace] = (*names.get(row.workspace, ()), row.name)
    return names


def _ways(rows: wire.Tables) -> dict[tuple[str, str, str], Way]:
    providers = {row.id: row for row in rows.providers}
    ways = {}
    for route in rows.routes:
        provider = providers.get(route.provider)
        if provider is None:
            continue
        url = urlsplit(provider.base_url)
        tls = url.scheme == "https"
        host = url.hostname or ""
        origin = Origin(host, url.port or (443 if tls else 80), tls)
        for name in provider.formats:
            head = b"POST %b HTTP/1.1\r\nhost: %b\r\n%baccept-encoding: identity\r\n" % (
                endpoint(url.path, name).encode(),
                url.netloc.rpartition("@")[2].encode(),
                FORMATS[name].authorize(provider.secret),
            )
            ways[route.workspace, route.name, name] = Way(route, provider, origin, head)
    return ways
