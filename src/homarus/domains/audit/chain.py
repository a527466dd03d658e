"""The audit chain: linking committed events (a step of the sequencer), reading it as records."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.audit import repository
from homarus.domains.audit.tables import AuditEvent
from homarus.kit.hash_chain import START, link
from homarus.store.sequencer import Step

_BATCH = 500


def as_record(event: AuditEvent) -> dict[str, Any]:
    """Return an event as the chain and the export hold it: JSON types only."""
    return {
        "number": event.number,
        "id": event.id,
        "workspace_id": event.workspace_id,
        "at": event.at.isoformat(timespec="microseconds"),
        "actor": {
            "kind": event.actor_kind,
            "id": event.actor_id,
            "name": event.actor_name,
            "via": event.via,
        },
        "action": event.action,
        "subject": event.subject,
        "detail": event.detail,
        "previous": event.previous,
        "hash": event.hash,
    }


async def _waiting(session: AsyncSession) -> bool:
    return bool(await repository.unlinked(session, 1))


async def _link(session: AsyncSession) -> int:
    events = await repository.unlinked(session, _BATCH)
    ends: dict[str, tuple[int, str]] = {}
    for event in events:
        if event.workspace_id not in ends:
            ends[event.workspace_id] = await _end(session, event.workspace_id)
        number, previous = ends[event.workspace_id]
        event.number, event.previous = number + 1, previous
        event.hash = link(previous, as_record(event))
        ends[event.workspace_id] = (event.number, event.hash)
    return len(events)


async def _end(session: AsyncSession, workspace_id: str) -> tuple[int, str]:
    last = await repository.last_linked(session, workspace_id)
    if last is None or last.number is None or last.hash is None:
        return 0, START
    return last.number, last.hash


LINK_EVENTS = Step(_waiting, _link)
"""The step of the sequencer that links audit events, each to the one before in its workspace."""
