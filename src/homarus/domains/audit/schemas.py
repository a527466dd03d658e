"""Audit events as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from homarus.domains.audit.tables import AuditEvent
from homarus.kit.hash_chain import Verdict
from homarus.web.pages import View


class ActorView(View):
    """Who did it; ``via`` is the id of the API token they used, or empty."""

    kind: str
    id: str
    name: str
    via: str


class AuditEventView(View):
    """One thing that somebody did."""

    id: str
    at: datetime
    actor: ActorView
    action: str
    subject: str
    detail: dict[str, Any]
    number: int | None = Field(description="its place in the chain; null for the last second")
    hash: str | None

    @classmethod
    def of(cls, row: AuditEvent) -> AuditEventView:
        """Show a row."""
        return cls(
            id=row.id,
            at=row.at,
            actor=ActorView(kind=row.actor_kind, id=row.actor_id, name=row.actor_name, via=row.via),
            action=row.action,
            subject=row.subject,
            detail=row.detail,
            number=row.number,
            hash=row.hash,
        )


class VerdictView(View):
    """What the chain is worth as it stands in the store."""

    ok: bool
    linked: int
    unlinked: int
    last_hash: str = Field(description="keep it elsewhere: with it a later cut shows")
    problem: str

    @classmethod
    def of(cls, verdict: Verdict) -> VerdictView:
        """Show a verdict."""
        return cls(
            ok=not verdict.problem,
            linked=verdict.linked,
            unlinked=verdict.unlinked,
            last_hash=verdict.last_hash,
            problem=verdict.problem,
        )
