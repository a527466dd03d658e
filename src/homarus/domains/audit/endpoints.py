"""``/v1/audit``: who did what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from starlette.responses import StreamingResponse

from homarus.domains.audit.repository import Wanted
from homarus.domains.audit.schemas import AuditEventView, VerdictView
from homarus.domains.audit.service import AuditService
from homarus.web.pages import PageArguments, PageView
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession

router = APIRouter(prefix="/v1/audit", tags=["audit"])
Audit = Annotated[AuditService, provided(AuditService)]


def _wanted(
    subject: Annotated[str, Query(max_length=200, description="only of this id or name")] = "",
    action: Annotated[str, Query(max_length=80, description="only this action")] = "",
    actor: Annotated[str, Query(max_length=254, description="id or name of who did it")] = "",
    q: Annotated[
        str,
        Query(max_length=200, description="part of the subject, its name, the action or the actor"),
    ] = "",
    since: Annotated[AwareDatetime | None, Query(description="then or later")] = None,
    until: Annotated[AwareDatetime | None, Query(description="before then")] = None,
) -> Wanted:
    return Wanted(subject, action, actor, q.strip(), since, until)


@router.get("")
async def list_audit_events(
    caller: Annotated[Principal, requires("audit:read")],
    ask: PageArguments,
    session: ReadSession,
    audit: Audit,
    wanted: Annotated[Wanted, Depends(_wanted)],
) -> PageView[AuditEventView]:
    """The audit log, newest first."""
    page = await audit.list(session, caller, ask, wanted)
    items = [AuditEventView.of(row) for row in page.items]
    return PageView(items=items, next_cursor=page.cursor)


@router.get("/export", response_class=StreamingResponse)
async def export_audit_log(
    caller: Annotated[Principal, requires("audit:read")], audit: Audit
) -> StreamingResponse:
    """The whole log as JSON lines, for `homarus audit verify`."""
    return StreamingResponse(audit.export(caller), media_type="application/x-ndjson")


@router.get("/verify")
async def verify_audit_log(
    caller: Annotated[Principal, requires("audit:read")], audit: Audit
) -> VerdictView:
    """Check every link of the log as it stands in the store."""
    return VerdictView.of(await audit.verify(caller))
