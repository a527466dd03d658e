"""What can be done with a workspace."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.audit.service import record
from homarus.domains.workspace import repository
from homarus.domains.workspace.tables import Workspace
from homarus.errors import Conflict, NotFound
from homarus.kit.clock import Clock
from homarus.kit.ids import new_id
from homarus.store.outbox import emit
from homarus.web.principal import Principal


class WorkspaceService:
    """Workspaces: made by Homarus itself, renamed by their owners."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def create(self, session: AsyncSession, *, name: str) -> Workspace:
        """Make a workspace.

        Raises:
            Conflict: there is one of this name.
        """
        await self._expect_free(session, name)
        now = self._clock.now()
        made = Workspace(id=new_id("ws", now=now), name=name, created_at=now)
        repository.add(session, made)
        homarus = Principal.system(made.id, "setup")
        record(session, homarus, action="workspace.create", subject=made.id, at=now)
        return made

    async def get(self, session: AsyncSession, caller: Principal) -> Workspace:
        """The caller's own workspace."""
        found = await repository.get(session, caller.workspace_id)
        if found is None:
            raise NotFound("This workspace is gone.")
        return found

    async def update(self, session: AsyncSession, caller: Principal, *, name: str) -> Workspace:
        """Rename the caller's workspace; the same name again changes nothing.

        Raises:
            Conflict: another workspace has this name.
        """
        workspace = await self.get(session, caller)
        if workspace.name == name:
            return workspace
        await self._expect_free(session, name)
        now = self._clock.now()
        change = {"from": workspace.name, "to": name}
        workspace.name = name
        record(
            session, caller, action="workspace.update", subject=workspace.id, at=now, detail=change
        )
        emit(
            session,
            workspace_id=workspace.id,
            kind="workspace.updated",
            subject_id=workspace.id,
            at=now,
        )
        return workspace

    async def all_ids(self, session: AsyncSession) -> Sequence[str]:
        """Ids of every workspace, for what Homarus does by itself."""
        return await repository.all_ids(session)

    async def _expect_free(self, session: AsyncSession, name: str) -> None:
        if await repository.get_by_name(session, name) is not None:
            raise Conflict(f"There is a workspace {name} already.")
