"""``/v1/operations``: changes under way."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from homarus.domains.operation.schemas import OperationView
from homarus.domains.operation.service import OperationService
from homarus.web.pages import PageArguments, PageView
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession

router = APIRouter(prefix="/v1/operations", tags=["operation"])
Operations = Annotated[OperationService, provided(OperationService)]


@router.get("")
async def list_operations(
    caller: Annotated[Principal, requires("operation:read")],
    ask: PageArguments,
    session: ReadSession,
    operations: Operations,
    subject: Annotated[str, Query(max_length=80, description="only of this id or name")] = "",
) -> PageView[OperationView]:
    """Operations that the caller may see, newest first."""
    page = await operations.list(session, caller, ask, subject=subject)
    return PageView(items=[OperationView.of(o) for o in page.items], next_cursor=page.cursor)


@router.get("/{operation_id}")
async def get_operation(
    caller: Annotated[Principal, requires("operation:read")],
    operation_id: str,
    session: ReadSession,
    operations: Operations,
) -> OperationView:
    """One operation."""
    return OperationView.of(await operations.get(session, caller, operation_id))
