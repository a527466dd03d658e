"""Placements as rows of the machine store, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from homarus.core.placements import Action, Phase, Placement, Trouble, Verb
from homarus.ports.machine_store import MachineStore, Row
from homarus.ports.target import Handle

PLACEMENT, ACTION = "placement", "action"
PAGE = 500


async def every(store: MachineStore, kind: str, *, state: str | None = None) -> AsyncIterator[Row]:
    """Every row of ``kind``, page by page; rows made meanwhile may or may not appear."""
    after = ""
    while True:
        page = await store.scan(kind, state=state, after=after, limit=PAGE)
        for row in page:
            yield row
        if len(page) < PAGE:
            return
        after = page[-1].key


def placement_of(row: Row) -> Placement:
    """Read a placement; the row's state is its phase, its key the bot."""
    data = row.data
    trouble = data["trouble"]
    return Placement(
        bot_id=row.key,
        generation=data["generation"],
        phase=Phase(row.state),
        nonce=data["nonce"],
        target=data["target"],
        redeploy=data["redeploy"],
        isolation=data["isolation"],
        runtime=data["runtime"],
        created_at=datetime.fromisoformat(data["created_at"]),
        attempt=data["attempt"],
        handle=data["handle"],
        trouble=None if trouble is None else _trouble_of(trouble),
        failures=tuple(datetime.fromisoformat(at) for at in data["failures"]),
    )


def data_of(placement: Placement) -> dict[str, Any]:
    """Inverse of `placement_of`, without key and phase."""
    trouble = placement.trouble
    return {
        "generation": placement.generation,
        "nonce": placement.nonce,
        "target": placement.target,
        "redeploy": placement.redeploy,
        "isolation": placement.isolation,
        "runtime": placement.runtime,
        "created_at": placement.created_at.isoformat(),
        "attempt": placement.attempt,
        "handle": None if placement.handle is None else dict(placement.handle),
        "trouble": None if trouble is None else _trouble_data(trouble),
        "failures": [at.isoformat() for at in placement.failures],
    }


def handle_of(placement: Placement) -> Handle | None:
    """The target's handle, if the target ever accepted."""
    held = placement.handle
    if held is None:
        return None
    return Handle(target=held["target"], version=held["version"], data=held["data"])


def handle_data(handle: Handle) -> Mapping[str, Any]:
    """Inverse of `handle_of`."""
    return {"target": handle.target, "version": handle.version, "data": dict(handle.data)}


def action_of(row: Row) -> Action:
    """Read a queued action; the row's key is the bot, so a bot has one action at a time."""
    data = dict(row.data)
    return Action(verb=Verb(data.pop("verb")), bot_id=row.key, **data)


def action_data(action: Action) -> dict[str, Any]:
    """Inverse of `action_of`."""
    return {
        "verb": action.verb.value,
        "generation": action.generation,
        "nonce": action.nonce,
        "target": action.target,
        "isolation": action.isolation,
        "runtime": action.runtime,
        "redeploy": action.redeploy,
        "attempt": action.attempt,
        "urgent": action.urgent,
        "failed": action.failed,
    }


def _trouble_of(data: Mapping[str, Any]) -> Trouble:
    again = data["again_at"]
    return Trouble(
        kind=data["kind"],
        message=data["message"],
        hint=data["hint"],
        since=datetime.fromisoformat(data["since"]),
        again_at=None if again is None else datetime.fromisoformat(again),
        count=data["count"],
    )


def _trouble_data(trouble: Trouble) -> dict[str, Any]:
    again = trouble.again_at
    return {
        "kind": trouble.kind,
        "message": trouble.message,
        "hint": trouble.hint,
        "since": trouble.since.isoformat(),
        "again_at": None if again is None else again.isoformat(),
        "count": trouble.count,
    }
