"""``/v1/workspace``: the caller's own workspace."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from homarus.domains.workspace.schemas import WorkspaceUpdate, WorkspaceView
from homarus.domains.workspace.service import WorkspaceService
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession, WriteSession

router = APIRouter(prefix="/v1/workspace", tags=["workspace"])
Workspaces = Annotated[WorkspaceService, provided(WorkspaceService)]


@router.get("")
async def get_workspace(
    caller: Annotated[Principal, requires("workspace:read")],
    session: ReadSession,
    workspaces: Workspaces,
) -> WorkspaceView:
    """The workspace of the caller."""
    return WorkspaceView.of(await workspaces.get(session, caller))


@router.patch("")
async def update_workspace(
    caller: Annotated[Principal, requires("workspace:write")],
    body: WorkspaceUpdate,
    session: WriteSession,
    workspaces: Workspaces,
) -> WorkspaceView:
    """Rename the workspace."""
    return WorkspaceView.of(await workspaces.update(session, caller, name=body.name))
