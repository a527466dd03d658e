"""Audit events: written with the change they tell of, read, exported, verified."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.audit import repository
from homarus.domains.audit.chain import as_record
from homarus.domains.audit.repository import Wanted
from homarus.domains.audit.tables import AuditEvent
from homarus.kit.canonical import canonical_json
from homarus.kit.clock import Clock
from homarus.kit.hash_chain import START, ChainCheck, Verdict
from homarus.kit.ids import new_id
from homarus.kit.pagination import Page, PageAsk
from homarus.store.engine import Store
from homarus.web.principal import Principal

FORMAT = 1
_BATCH = 500


def record(
    session: AsyncSession,
    caller: Principal,
    *,
    action: str,
    subject: str,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write that ``caller`` did ``action`` (``noun.verb``) to ``subject`` (an id or a name).

    It stands if and only if the transaction commits. ``detail`` holds JSON types that help a
    reader a year later, numbers as text where they may pass 2**53, and never a secret.
    """
    # What cannot be linked later must fail here, beside the change, not in the sequencer.
    canonical_json(dict(detail or {}))
    event = AuditEvent(
        id=new_id("aud", now=at),
        workspace_id=caller.workspace_id,
        at=at,
        actor_kind=caller.kind,
        actor_id=caller.id,
        actor_name=caller.name,
        via=caller.via,
        action=action,
        subject=subject,
        detail=dict(detail or {}),
    )
    repository.add(session, event)


class AuditService:
    """Reading the log. Nothing here or anywhere changes it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def list(
        self, session: AsyncSession, caller: Principal, ask: PageAsk, wanted: Wanted
    ) -> Page[AuditEvent]:
        """Events of the workspace, newest first."""
        return await repository.list_of(session, caller.workspace_id, ask, wanted)

    async def export(self, caller: Principal) -> AsyncIterator[bytes]:
        """Yield the whole log as JSON lines: a header, then the events by number.

        The header says how many linked events follow and the hash of the last one; events
        that the sequencer has not reached yet come last, without a number. What is written
        while the export runs is not part of it.
        """
        async with self._store.read() as session:
            last = await repository.last_linked(session, caller.workspace_id)
            tail = await repository.unlinked_of(session, caller.workspace_id)
        linked = (last.number or 0) if last is not None else 0
        header = {
            "homarus_audit": FORMAT,
            "workspace_id": caller.workspace_id,
            "exported_at": self._clock.now().isoformat(),
            "linked": linked,
            "last_hash": last.hash if last is not None else START,
            "unlinked": len(tail),
        }
        yield _line(header)
        async for events in self._pages(caller.workspace_id, linked):
            yield b"".join(_line(as_record(event)) for event in events)
        yield b"".join(_line(as_record(event)) for event in tail)

    async def verify(self, caller: Principal) -> Verdict:
        """Check every link of the workspace's log as it stands in the store."""
        check = ChainCheck()
        async for events in self._pages(caller.workspace_id, None):
            check.feed(as_record(event) for event in events)
        async with self._store.read() as session:
            tail = await repository.unlinked_of(session, caller.workspace_id)
        check.feed(as_record(event) for event in tail)
        return check.verdict()

    async def _pages(
        self, workspace_id: str, until: int | None
    ) -> AsyncIterator[Sequence[AuditEvent]]:
        # A transaction per page: a long export must not hold a database snapshot open.
        number = 0
        while until is None or number < until:
            async with self._store.read() as session:
                found = await repository.linked_after(session, workspace_id, number, _BATCH)
            events = [e for e in found if until is None or (e.number or 0) <= until]
            if not events:
                return
            yield events
            number = events[-1].number or 0


def _line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
