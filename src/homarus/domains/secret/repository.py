"""All SQL about secrets and their keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.secret.tables import DataKey, MasterCheck, Secret
from homarus.kit.pagination import Page, PageAsk
from homarus.store.paging import fetch_page
from homarus.store.upsert import insert_into

_MASTER = "master"


async def get_check(session: AsyncSession) -> str | None:
    """The check value of the master key that sealed this store; None if none did yet."""
    return await session.scalar(select(MasterCheck.check_value).where(MasterCheck.id == _MASTER))


async def lock_check(session: AsyncSession) -> str | None:
    """The check value as it stands, kept until the commit: rotations take turns."""
    chosen = select(MasterCheck.check_value).where(MasterCheck.id == _MASTER)
    return await session.scalar(chosen.with_for_update())


async def hold_check(session: AsyncSession) -> str | None:
    """The check value as it stands; no rotation begins or ends before the commit."""
    chosen = select(MasterCheck.check_value).where(MasterCheck.id == _MASTER)
    return await session.scalar(chosen.with_for_update(read=True))


async def set_check(session: AsyncSession, value: str) -> None:
    """Write the check value of the master key."""
    row = insert_into(session, MasterCheck).values(id=_MASTER, check_value=value)
    await session.execute(
        row.on_conflict_do_update(index_elements=["id"], set_={"check_value": value})
    )


async def data_keys(session: AsyncSession) -> Sequence[DataKey]:
    """Every workspace's data key, kept until the commit."""
    chosen = select(DataKey).order_by(DataKey.workspace_id).with_for_update()
    return (await session.scalars(chosen)).all()


async def data_key(session: AsyncSession, workspace_id: str) -> DataKey | None:
    """The data key of a workspace."""
    return await session.get(DataKey, workspace_id)


async def lock_data_key(session: AsyncSession, workspace_id: str) -> DataKey | None:
    """The data key of a workspace, kept until the commit: changes of secrets take turns."""
    return await session.get(DataKey, workspace_id, with_for_update=True)


async def make_data_key(session: AsyncSession, workspace_id: str, sealed: bytes) -> DataKey:
    """Write the data key of a workspace unless it has one; return the one it has, locked."""
    row = insert_into(session, DataKey).values(workspace_id=workspace_id, sealed=sealed, version=0)
    await session.execute(row.on_conflict_do_nothing())
    return await session.get_one(DataKey, workspace_id, with_for_update=True)


async def raise_version(session: AsyncSession, workspace_id: str) -> None:
    """Count a change of the workspace's secrets."""
    await session.execute(
        update(DataKey)
        .where(DataKey.workspace_id == workspace_id)
        .values(version=DataKey.version + 1)
    )


async def get(session: AsyncSession, workspace_id: str, name: str) -> Secret | None:
    """The secret of this name."""
    chosen = select(Secret).where(Secret.workspace_id == workspace_id, Secret.name == name)
    return await session.scalar(chosen)


async def named(session: AsyncSession, workspace_id: str, names: Sequence[str]) -> Sequence[Secret]:
    """The secrets of these names that exist."""
    chosen = select(Secret).where(Secret.workspace_id == workspace_id, Secret.name.in_(names))
    return (await session.scalars(chosen)).all()


async def names(session: AsyncSession, workspace_id: str) -> Collection[str]:
    """Names of all secrets of a workspace."""
    chosen = select(Secret.name).where(Secret.workspace_id == workspace_id)
    return (await session.scalars(chosen)).all()


async def list_of(session: AsyncSession, workspace_id: str, ask: PageAsk) -> Page[Secret]:
    """Secrets of a workspace by name."""
    chosen = select(Secret).where(Secret.workspace_id == workspace_id)
    return await fetch_page(session, chosen, Secret.name, ask)


def add(session: AsyncSession, secret: Secret) -> None:
    """Write a new secret."""
    session.add(secret)


async def remove(session: AsyncSession, secret_id: str) -> None:
    """Remove a secret."""
    await session.execute(delete(Secret).where(Secret.id == secret_id))
