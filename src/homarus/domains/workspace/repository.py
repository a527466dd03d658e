"""All SQL about workspaces."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.workspace.tables import Workspace


async def get(session: AsyncSession, workspace_id: str) -> Workspace | None:
    """The workspace of this id."""
    return await session.get(Workspace, workspace_id)


async def get_by_name(session: AsyncSession, name: str) -> Workspace | None:
    """The workspace of this name."""
    return await session.scalar(select(Workspace).where(Workspace.name == name))


async def all_ids(session: AsyncSession) -> Sequence[str]:
    """Ids of every workspace, oldest first."""
    return (await session.scalars(select(Workspace.id).order_by(Workspace.id))).all()


def add(session: AsyncSession, workspace: Workspace) -> None:
    """Write a new workspace."""
    session.add(workspace)
