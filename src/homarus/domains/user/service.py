"""People: made, found, changed, removed, and turned into principals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.scopes import Role
from homarus.domains.audit.service import record
from homarus.domains.user import repository
from homarus.domains.user.grants import GrantSpec, expect_not_above, held_by, specs_of
from homarus.domains.user.tables import Grant, User
from homarus.errors import Conflict, NotFound
from homarus.kit.clock import Clock
from homarus.kit.ids import new_id
from homarus.kit.pagination import Page, PageAsk
from homarus.web.principal import Principal

GrantsByUser = Mapping[str, Sequence[GrantSpec]]


class UserService:
    """Every method that names a user looks in the caller's workspace alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def create(
        self,
        session: AsyncSession,
        caller: Principal,
        *,
        email: str,
        name: str,
        grants: Sequence[GrantSpec],
    ) -> User:
        """Make a user without a password; a login link lets them in.

        Raises:
            Conflict: somebody has this e-mail.
            Forbidden: a grant holds more than the caller does.
        """
        expect_not_above(caller, grants)
        email = email.strip().lower()
        if await repository.get_by_email(session, email) is not None:
            raise Conflict(f"There is a user {email} already.")
        now = self._clock.now()
        made = User(
            id=new_id("usr", now=now),
            workspace_id=caller.workspace_id,
            email=email,
            name=name,
            password_hash=None,
            created_at=now,
            last_login_at=None,
        )
        repository.add(session, made)
        await session.flush()
        self._add_grants(session, made.id, grants)
        detail = {"email": email, "grants": _words(grants)}
        record(session, caller, action="user.create", subject=made.id, at=now, detail=detail)
        return made

    async def get(self, session: AsyncSession, caller: Principal, user_id: str) -> User:
        """The user, or `NotFound`."""
        found = await repository.get(session, user_id)
        if found is None or found.workspace_id != caller.workspace_id:
            raise NotFound(f"There is no user {user_id}.")
        return found

    async def by_email(self, session: AsyncSession, workspace_id: str, email: str) -> User | None:
        """The user of this e-mail in a workspace, however it is written."""
        found = await repository.get_by_email(session, email.strip().lower())
        return found if found is not None and found.workspace_id == workspace_id else None

    async def list(self, session: AsyncSession, caller: Principal, ask: PageAsk) -> Page[User]:
        """Users of the workspace, oldest first."""
        return await repository.list_of(session, caller.workspace_id, ask)

    async def grants_of(self, session: AsyncSession, users: Sequence[User]) -> GrantsByUser:
        """What each of these users was granted."""
        rows = await repository.grants_of(session, [user.id for user in users])
        ordered = sorted(rows, key=lambda row: (row.user_id, row.id))
        found = {who: specs_of(some) for who, some in groupby(ordered, key=lambda r: r.user_id)}
        return {user.id: found.get(user.id, []) for user in users}

    async def update(
        self,
        session: AsyncSession,
        caller: Principal,
        user_id: str,
        *,
        name: str | None,
        grants: Sequence[GrantSpec] | None,
    ) -> User:
        """Change name or grants (the whole list); None leaves it as it is.

        Raises:
            Forbidden: the user holds, or would hold, more than the caller.
            Conflict: the workspace would be left without an owner.
        """
        user = await self.get(session, caller, user_id)
        before = (await self.grants_of(session, [user]))[user.id]
        expect_not_above(caller, before)
        now = self._clock.now()
        detail: dict[str, object] = {}
        if name is not None and name != user.name:
            user.name = name
            detail["name"] = name
        if grants is not None and set(grants) != set(before):
            expect_not_above(caller, grants)
            if GrantSpec(Role.OWNER) not in grants:
                await self._expect_other_owner(session, user)
            await repository.delete_grants(session, user.id)
            self._add_grants(session, user.id, grants)
            detail |= {"from": _words(before), "to": _words(grants)}
        if detail:
            record(session, caller, action="user.update", subject=user.id, at=now, detail=detail)
        return user

    async def delete(self, session: AsyncSession, caller: Principal, user_id: str) -> None:
        """Remove a user with all their ways in; what they did stays in the audit log.

        Raises:
            Forbidden: the user holds more than the caller.
            Conflict: it is the last owner.
        """
        user = await self.get(session, caller, user_id)
        expect_not_above(caller, (await self.grants_of(session, [user]))[user.id])
        await self._expect_other_owner(session, user)
        await repository.delete_user(session, user.id)
        detail = {"email": user.email}
        now = self._clock.now()
        record(session, caller, action="user.delete", subject=user.id, at=now, detail=detail)

    async def expect_not_above(
        self, session: AsyncSession, caller: Principal, user_id: str
    ) -> User:
        """The user, if the caller holds all that they hold; otherwise `Forbidden`."""
        user = await self.get(session, caller, user_id)
        # Also for the caller's own user: a narrow token must not become a whole session.
        expect_not_above(caller, (await self.grants_of(session, [user]))[user.id])
        return user

    async def first_owner(self, session: AsyncSession, workspace_id: str) -> str:
        """Id of the oldest owner; a workspace always has one."""
        return (await repository.users_with_role(session, workspace_id, Role.OWNER))[0]

    async def principal(
        self,
        session: AsyncSession,
        user_id: str,
        *,
        via: str = "",
        only: frozenset[str] | None = None,
    ) -> Principal | None:
        """Who the user is now, cut down to the scopes ``only``; None if they are gone."""
        user = await repository.get(session, user_id)
        if user is None:
            return None
        grants = (await self.grants_of(session, [user]))[user.id]
        held = held_by(grants, only)
        return Principal("user", user.id, user.name, user.workspace_id, held, via)

    def _add_grants(self, session: AsyncSession, user_id: str, grants: Sequence[GrantSpec]) -> None:
        for grant in dict.fromkeys(grants):
            grant_id = new_id("grn", now=self._clock.now())
            row = Grant(id=grant_id, user_id=user_id, role=grant.role, fleet=grant.fleet or "")
            repository.add(session, row)

    async def _expect_other_owner(self, session: AsyncSession, user: User) -> None:
        owners = await repository.users_with_role(session, user.workspace_id, Role.OWNER)
        if set(owners) == {user.id}:
            raise Conflict(
                "This is the last owner of the workspace.", hint="Make somebody else owner first."
            )


def _words(grants: Sequence[GrantSpec]) -> list[str]:
    return [f"{g.role} on {g.fleet}" if g.fleet else str(g.role) for g in grants]
