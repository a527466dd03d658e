"""The master key: where it lies, how the wrong one is told, how it is replaced.

It lies in a 0600 file under the home folder, or comes from ``HOMARUS_MASTER_KEY``. The store
holds only its check value, so a wrong key is refused at the start and never seals anything.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.audit.service import record
from homarus.domains.secret import repository
from homarus.errors import Conflict, MasterKeyProblem
from homarus.kit.files import sync_folder, write_atomic
from homarus.kit.sealed import KEY_BYTES, WrongSeal, check_value, new_key, seal, unseal
from homarus.store.engine import Store
from homarus.web.principal import Principal

ENVIRONMENT = "HOMARUS_MASTER_KEY"


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the master key comes from: ``environment`` wins over ``file``."""

    file: Path
    environment: str | None = None


class MasterKey:
    """The key in memory, known to fit the store."""

    def __init__(self, store: Store, source: KeySource, key: bytes) -> None:
        self._store = store
        self._source = source
        self._key = key
        self._coming: bytes | None = None
        self._rotating = asyncio.Lock()

    @classmethod
    async def open(cls, store: Store, source: KeySource) -> MasterKey:
        """Read the key and prove that it fits; on a store without one, make it.

        Raises:
            MasterKeyProblem: missing, malformed, readable by others, or not the right one.
        """
        async with store.read() as session:
            wanted = await repository.get_check(session)
        if wanted is None:
            return await cls._first(store, source)
        return cls(store, source, _find(source, wanted))

    @classmethod
    async def _first(cls, store: Store, source: KeySource) -> MasterKey:
        if source.environment is not None:
            key = _parse(source.environment, ENVIRONMENT)
        elif source.file.exists():
            key = _read(source.file)
        else:
            key = new_key()
            write_atomic(source.file, base64.b64encode(key) + b"\n")
        async with store.begin() as session:
            await repository.set_check(session, check_value(key))
        return cls(store, source, key)

    async def seal_new(self, session: AsyncSession, *, workspace_id: str) -> bytes:
        """Return a fresh data key of a workspace, sealed by the key that fits at the commit.

        Raises:
            Conflict: another control plane has rotated the key; ours opens nothing any more.
        """
        wanted = await repository.hold_check(session)
        for key in (self._key, self._coming):
            if key is not None and check_value(key) == wanted:
                return seal(key, new_key(), purpose=_purpose(workspace_id))
        raise _rotated_elsewhere()

    def unseal(self, box: bytes, *, workspace_id: str) -> bytes:
        """Open the data key of a workspace."""
        purpose = _purpose(workspace_id)
        try:
            return unseal(self._key, box, purpose=purpose)
        except WrongSeal:
            # Between the commit of a rotation and its last line the new key fits already.
            if self._coming is None:
                raise
            return unseal(self._coming, box, purpose=purpose)

    async def rotate(self, caller: Principal, now: datetime) -> int:
        """Replace the key: data keys are sealed anew, no secret is touched. Returns how many.

        Crash-safe: the new key is on disk beside the old one before the store changes, and
        the next start takes the one that fits. Other control planes on the same store must
        be started anew: they know the old key alone.

        Raises:
            Conflict: the key comes from the environment, which we cannot change; another
                rotation is under way, or another control plane rotated it before us.
        """
        if self._source.environment is not None:
            raise Conflict(
                f"The master key comes from {ENVIRONMENT}.",
                hint="Move it to the file under the home folder to let Homarus rotate it.",
            )
        if self._rotating.locked():
            raise Conflict("The master key is being rotated now.", hint="Wait for it to end.")
        async with self._rotating:
            fresh = new_key()
            try:
                count = await self._change(caller, now, fresh)
            finally:
                self._coming = None
            _promote(self._source.file, check_value(fresh))
            return count

    async def _change(self, caller: Principal, now: datetime, fresh: bytes) -> int:
        async with self._store.begin() as session:
            # Whoever holds this row is the only one that rotates, in any process.
            if await repository.lock_check(session) != check_value(self._key):
                raise _rotated_elsewhere()
            _lay_beside(self._source.file, fresh)
            self._coming = fresh
            count = await self._rewrap(session, fresh)
            record(session, caller, action="secret.rotate_master", subject="master", at=now)
        self._key = fresh
        return count

    async def _rewrap(self, session: AsyncSession, fresh: bytes) -> int:
        rows = await repository.data_keys(session)
        for row in rows:
            opened = self.unseal(row.sealed, workspace_id=row.workspace_id)
            row.sealed = seal(fresh, opened, purpose=_purpose(row.workspace_id))
        await repository.set_check(session, check_value(fresh))
        return len(rows)


def _purpose(workspace_id: str) -> dict[str, str]:
    return {"kind": "data key", "workspace": workspace_id}


def _find(source: KeySource, wanted: str) -> bytes:
    if source.environment is not None:
        key = _parse(source.environment, ENVIRONMENT)
        if check_value(key) != wanted:
            raise _wrong(f"The master key in {ENVIRONMENT}")
        return key
    if any(check_value(_read(coming)) == wanted for coming in _beside(source.file)):
        _promote(source.file, wanted)  # a rotation was cut off after the store had changed
    if not source.file.exists():
        raise MasterKeyProblem(
            f"The master key {source.file} is missing.",
            hint=f"Put it back from your backup, or set {ENVIRONMENT}.",
        )
    key = _read(source.file)
    if check_value(key) != wanted:
        raise _wrong(f"The master key in {source.file}")
    return key


def _next(file: Path, check: str) -> Path:
    """Each coming key has a name of its own: nobody ever promotes another one's."""
    return file.with_name(f"{file.name}.next-{check[:16]}")


def _beside(file: Path) -> list[Path]:
    return sorted(file.parent.glob(f"{file.name}.next-*"))


def _lay_beside(file: Path, fresh: bytes) -> None:
    """Write the coming key. What lies there already is of rotations that never came to be:
    we hold the row that every rotation holds, and the key in use is ours."""
    for dead in _beside(file):
        dead.unlink()
    write_atomic(_next(file, check_value(fresh)), base64.b64encode(fresh) + b"\n")


def _promote(file: Path, check: str) -> None:
    try:
        _next(file, check).replace(file)
    except FileNotFoundError:
        return  # a control plane that started since did it for us
    sync_folder(file.parent)


def _read(file: Path) -> bytes:
    if file.stat().st_mode & 0o077:
        raise MasterKeyProblem(
            f"The master key {file} can be read by others.", hint=f"chmod 600 {file}"
        )
    return _parse(file.read_text(), str(file))


def _parse(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeyProblem(
            f"{where} does not hold a master key.", hint="It is 32 bytes in base64 (44 characters)."
        )
    return key


def _rotated_elsewhere() -> Conflict:
    return Conflict(
        "Another control plane has rotated the master key.",
        hint="Start this one anew with the new key.",
    )


def _wrong(what: str) -> MasterKeyProblem:
    return MasterKeyProblem(
        f"{what} is not the one that sealed this store.",
        hint="Restore the key that belongs to this database; without it its secrets are lost.",
    )
