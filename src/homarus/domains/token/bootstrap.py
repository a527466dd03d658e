"""The first start: a workspace, its owner, and their two ways in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.scopes import Role
from homarus.domains.token.service import TokenService
from homarus.domains.user.grants import GrantSpec
from homarus.domains.user.login import LoginService
from homarus.domains.user.service import UserService
from homarus.domains.workspace.service import WorkspaceService
from homarus.errors import Internal
from homarus.store.engine import Store
from homarus.web.principal import Principal

WORKSPACE = "default"


@dataclass(frozen=True, slots=True)
class FirstStart:
    """What the first start made. Token and link are shown this once."""

    workspace_id: str
    owner: Principal
    cli_token: str
    login_link: str


class Bootstrap:
    """For the process that owns the store: whoever runs it may act for the owner."""

    def __init__(
        self,
        store: Store,
        workspaces: WorkspaceService,
        users: UserService,
        logins: LoginService,
        tokens: TokenService,
    ) -> None:
        self._store = store
        self._workspaces = workspaces
        self._users = users
        self._logins = logins
        self._tokens = tokens

    async def first_start(self, *, email: str, name: str) -> FirstStart | None:
        """On an empty store, make everything at once; None if there is a workspace already."""
        async with self._store.begin() as session:
            if await self._workspaces.all_ids(session):
                return None
            workspace = await self._workspaces.create(session, name=WORKSPACE)
            homarus = Principal.system(workspace.id, "setup")
            grants = [GrantSpec(Role.OWNER)]
            user = await self._users.create(session, homarus, email=email, name=name, grants=grants)
            await session.flush()
            owner = await self._owner(session, user.id)
            return FirstStart(
                workspace.id,
                owner,
                await self._cli_token(session, owner),
                (await self._logins.make_link(session, homarus, user.id))[0],
            )

    async def owner(self) -> Principal:
        """The oldest owner of the oldest workspace, for what `homarus up` does by itself."""
        async with self._store.begin() as session:
            return await self._first_owner(session)

    async def new_cli_token(self) -> str:
        """A further CLI token of the owner, for when the file that held the first is gone."""
        async with self._store.begin() as session:
            return await self._cli_token(session, await self._first_owner(session))

    async def new_login_link(self) -> str:
        """A further login link of the owner, for who runs the process and is locked out."""
        async with self._store.begin() as session:
            owner = await self._first_owner(session)
            return (await self._logins.make_link(session, owner, owner.id))[0]

    async def _first_owner(self, session: AsyncSession) -> Principal:
        workspace_id = (await self._workspaces.all_ids(session))[0]
        return await self._owner(session, await self._users.first_owner(session, workspace_id))

    async def _owner(self, session: AsyncSession, user_id: str) -> Principal:
        owner = await self._users.principal(session, user_id)
        if owner is None:
            raise Internal("A fault inside Homarus.", detail="the owner vanished")
        return owner

    async def _cli_token(self, session: AsyncSession, owner: Principal) -> str:
        issued = await self._tokens.create(
            session, owner, name="command line", scopes=None, lifetime=None
        )
        return issued.secret or ""
