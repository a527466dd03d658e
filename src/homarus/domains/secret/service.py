"""Secrets: set, named, deleted; opened for internal callers alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.audit.service import record
from homarus.domains.secret import repository
from homarus.domains.secret.master_key import MasterKey
from homarus.domains.secret.tables import Secret
from homarus.errors import Conflict, NotFound
from homarus.kit.clock import Clock
from homarus.kit.ids import new_id
from homarus.kit.pagination import Page, PageAsk
from homarus.kit.sealed import seal, unseal
from homarus.store.outbox import emit
from homarus.web.principal import Principal

_NAMED = 5


@dataclass(frozen=True, slots=True)
class OpenedValues:
    """Values in the clear, as of ``version``; never stored, logged or returned by a route."""

    version: int
    values: Mapping[str, str]
    missing: tuple[str, ...]

    def __repr__(self) -> str:
        return f"OpenedValues(version={self.version}, {len(self.values)} values)"


UsersOf = Callable[[AsyncSession, str, str], Awaitable[Sequence[str]]]
"""Names of the bots of a workspace that may read the secret of a name."""


async def nobody(_session: AsyncSession, _workspace_id: str, _name: str) -> Sequence[str]:
    """Of an installation without bots."""
    return ()


class SecretService:
    """A value goes in through `set` and comes out through `open_values`, nowhere else."""

    def __init__(self, clock: Clock, master: MasterKey, *, users_of: UsersOf = nobody) -> None:
        self._clock = clock
        self._master = master
        self._users_of = users_of

    async def set(
        self, session: AsyncSession, caller: Principal, *, name: str, value: str
    ) -> Secret:
        """Seal a value under ``name``, as a new secret or as the next version of one."""
        key_row = await repository.lock_data_key(session, caller.workspace_id)
        if key_row is None:
            sealed = await self._master.seal_new(session, workspace_id=caller.workspace_id)
            key_row = await repository.make_data_key(session, caller.workspace_id, sealed)
        key = self._master.unseal(key_row.sealed, workspace_id=caller.workspace_id)
        now = self._clock.now()
        secret = await repository.get(session, caller.workspace_id, name)
        action = "secret.create" if secret is None else "secret.update"
        if secret is None:
            secret = Secret(
                id=new_id("sec", now=now),
                workspace_id=caller.workspace_id,
                name=name,
                version=0,
                created_at=now,
            )
            repository.add(session, secret)
        secret.version += 1
        secret.updated_at = now
        purpose = _purpose(caller.workspace_id, name, secret.version)
        secret.sealed = seal(key, value.encode(), purpose=purpose)
        await self._changed(session, caller, secret, action)
        return secret

    async def get(self, session: AsyncSession, caller: Principal, name: str) -> Secret:
        """The secret's row (never its value), or `NotFound`."""
        found = await repository.get(session, caller.workspace_id, name)
        if found is None:
            raise NotFound(f"There is no secret {name}.")
        return found

    async def list(self, session: AsyncSession, caller: Principal, ask: PageAsk) -> Page[Secret]:
        """Secrets of the workspace by name, without values."""
        return await repository.list_of(session, caller.workspace_id, ask)

    async def names(self, session: AsyncSession, workspace_id: str) -> Collection[str]:
        """Names of the workspace's secrets, for judging references to them."""
        return await repository.names(session, workspace_id)

    async def delete(
        self, session: AsyncSession, caller: Principal, name: str, *, force: bool
    ) -> None:
        """Remove a secret for good; who reads it next is told that it is missing.

        Raises:
            Conflict: bots use it, and this was not forced; the message names them.
        """
        secret = await self.get(session, caller, name)
        users = await self._users_of(session, caller.workspace_id, name)
        if users and not force:
            more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
            raise Conflict(
                f"The secret {name} is used by {', '.join(users[:_NAMED])}{more}.",
                hint="Take it out of their specs first, or delete it with force.",
            )
        await repository.remove(session, secret.id)
        await self._changed(session, caller, secret, "secret.delete")

    async def open_values(
        self, session: AsyncSession, workspace_id: str, names: Sequence[str]
    ) -> OpenedValues:
        """Open the named values, for supervisors and the AI gateway alone."""
        key_row = await repository.data_key(session, workspace_id)
        if key_row is None:
            return OpenedValues(0, {}, tuple(sorted(set(names))))
        key = self._master.unseal(key_row.sealed, workspace_id=workspace_id)
        values = {
            row.name: unseal(
                key, row.sealed, purpose=_purpose(workspace_id, row.name, row.version)
            ).decode()
            for row in await repository.named(session, workspace_id, names)
        }
        missing = tuple(sorted(set(names) - set(values)))
        return OpenedValues(key_row.version, values, missing)

    async def version(self, session: AsyncSession, workspace_id: str) -> int:
        """Rises with every change of the workspace's secrets; 0 before the first."""
        row = await repository.data_key(session, workspace_id)
        return 0 if row is None else row.version

    async def rotate_master_key(self, caller: Principal) -> int:
        """Replace the master key of this installation; returns how many data keys it sealed.

        Opens its own transaction, since the key file changes with it.
        """
        return await self._master.rotate(caller, self._clock.now())

    async def _changed(
        self, session: AsyncSession, caller: Principal, secret: Secret, action: str
    ) -> None:
        await repository.raise_version(session, caller.workspace_id)
        now = self._clock.now()
        detail = {"version": secret.version}
        record(session, caller, action=action, subject=secret.name, at=now, detail=detail)
        emit(
            session,
            workspace_id=caller.workspace_id,
            kind="secret.changed",
            subject_id=secret.id,
            at=now,
            data={"name": secret.name},
        )


def _purpose(workspace_id: str, name: str, version: int) -> dict[str, str]:
    return {"kind": "secret", "workspace": workspace_id, "name": name, "version": str(version)}
