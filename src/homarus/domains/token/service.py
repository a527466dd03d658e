"""API tokens: made, listed, revoked; shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.scopes import SCOPES
from homarus.domains.audit.service import record
from homarus.domains.token import repository
from homarus.domains.token.tables import ApiToken
from homarus.domains.user.service import UserService
from homarus.errors import Forbidden, Invalid, NotFound
from homarus.kit.clock import Clock
from homarus.kit.credentials import hash_credential, new_credential
from homarus.kit.ids import new_id
from homarus.kit.pagination import Page, PageAsk
from homarus.web.principal import Principal

PREFIX = "hom_"


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as it was made; ``secret`` is None when the request was only repeated."""

    row: ApiToken
    secret: str | None

    @property
    def id(self) -> str:
        """Id of the token."""
        return self.row.id


class TokenService:
    """Tokens belong to one user; who may change users may see and revoke theirs."""

    def __init__(self, clock: Clock, users: UserService) -> None:
        self._clock = clock
        self._users = users

    async def create(
        self,
        session: AsyncSession,
        caller: Principal,
        *,
        name: str,
        scopes: Sequence[str] | None,
        lifetime: timedelta | None,
    ) -> Issued:
        """Make a token of the caller; without ``scopes`` it holds what the caller holds.

        Raises:
            Invalid: a scope does not exist.
            Forbidden: a scope that the caller does not hold.
        """
        if scopes is None:
            chosen = sorted(scope for scope in SCOPES if caller.holds_anywhere(scope))
        else:
            chosen = sorted(set(scopes))
        for scope in chosen:
            if scope not in SCOPES:
                raise Invalid(f"scopes: there is no scope {scope}.", hint=", ".join(SCOPES))
            if not caller.holds_anywhere(scope):
                raise Forbidden(f"You do not hold {scope}, so no token of yours can.")
        now = self._clock.now()
        secret = new_credential(PREFIX)
        row = ApiToken(
            id=new_id("tok", now=now),
            user_id=caller.id,
            name=name,
            hash=hash_credential(secret),
            hint=secret[: len(PREFIX) + 4],
            scopes=chosen,
            created_at=now,
            expires_at=None if lifetime is None else now + lifetime,
            last_used_at=None,
            revoked_at=None,
        )
        repository.add(session, row)
        detail = {"name": name, "scopes": chosen}
        record(session, caller, action="token.create", subject=row.id, at=now, detail=detail)
        return Issued(row, secret)

    async def get(self, session: AsyncSession, caller: Principal, token_id: str) -> ApiToken:
        """A token of the caller, or of a user they may change; otherwise `NotFound`."""
        found = await repository.get(session, token_id)
        if found is None or not await self._may_see(session, caller, found.user_id):
            raise NotFound(f"There is no token {token_id}.")
        return found

    async def list(
        self, session: AsyncSession, caller: Principal, user_id: str, ask: PageAsk
    ) -> Page[ApiToken]:
        """Tokens of a user, newest first, revoked ones too."""
        if not await self._may_see(session, caller, user_id):
            raise NotFound(f"There is no user {user_id}.")
        return await repository.list_of(session, user_id, ask)

    async def revoke(self, session: AsyncSession, caller: Principal, token_id: str) -> ApiToken:
        """End a token at once and for good; repeating it changes nothing."""
        row = await self.get(session, caller, token_id)
        if row.revoked_at is None:
            now = self._clock.now()
            row.revoked_at = now
            detail = {"name": row.name, "user_id": row.user_id}
            record(session, caller, action="token.revoke", subject=row.id, at=now, detail=detail)
        return row

    async def _may_see(self, session: AsyncSession, caller: Principal, user_id: str) -> bool:
        if user_id == caller.id:
            return True
        if not caller.may("user:write"):
            return False
        who = await self._users.principal(session, user_id)
        return who is not None and who.workspace_id == caller.workspace_id
