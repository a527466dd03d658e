"""Sealed boxes for other domains: what must rest sealed and is no secret that people name."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.secret import repository
from homarus.domains.secret.master_key import MasterKey
from homarus.kit.sealed import seal, unseal


class Boxes:
    """Seals with the workspace's data key; workspace and label are bound into every box."""

    def __init__(self, master: MasterKey) -> None:
        self._master = master

    async def seal(self, session: AsyncSession, workspace_id: str, label: str, value: str) -> bytes:
        """Return ``value`` as a box that opens for this workspace and label alone."""
        row = await repository.data_key(session, workspace_id)
        if row is None:
            fresh = await self._master.seal_new(session, workspace_id=workspace_id)
            row = await repository.make_data_key(session, workspace_id, fresh)
        key = self._master.unseal(row.sealed, workspace_id=workspace_id)
        return seal(key, value.encode(), purpose=_purpose(workspace_id, label))

    async def unseal(self, session: AsyncSession, workspace_id: str, label: str, box: bytes) -> str:
        """Inverse of `seal`; raises `MasterKeyProblem` for a box of another place."""
        row = await repository.data_key(session, workspace_id)
        assert row is not None  # nothing is sealed before there is a key
        key = self._master.unseal(row.sealed, workspace_id=workspace_id)
        return unseal(key, box, purpose=_purpose(workspace_id, label)).decode()


def _purpose(workspace_id: str, label: str) -> dict[str, str]:
    return {"kind": "box", "workspace": workspace_id, "label": label}
