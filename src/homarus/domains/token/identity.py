"""Who a credential belongs to: the `homarus.web.principal.Authenticator` of the API."""

from __future__ import annotations

from datetime import timedelta

from homarus.domains.token import repository
from homarus.domains.user.login import LoginService
from homarus.domains.user.service import UserService
from homarus.errors import Unauthenticated
from homarus.kit.clock import Clock
from homarus.kit.credentials import hash_credential
from homarus.store.engine import Store
from homarus.web.principal import Principal

_TOUCH_EVERY = timedelta(minutes=1)


class Identity:
    """Reads the store for every request, so that a revocation holds from the next one on."""

    def __init__(
        self, store: Store, clock: Clock, users: UserService, logins: LoginService
    ) -> None:
        self._store = store
        self._clock = clock
        self._users = users
        self._logins = logins

    async def by_token(self, token: str) -> Principal:
        now = self._clock.now()
        async with self._store.read() as session:
            row = await repository.get_by_hash(session, hash_credential(token))
            if row is None or row.revoked_at is not None:
                raise Unauthenticated("This token is not known, or was revoked.")
            if row.expires_at is not None and row.expires_at <= now:
                raise Unauthenticated("This token has expired.", hint="Make a new one.")
            only = frozenset(row.scopes)
            who = await self._users.principal(session, row.user_id, via=row.id, only=only)
        if who is None:
            raise Unauthenticated("The user of this token is gone.")
        if row.last_used_at is None or now - row.last_used_at > _TOUCH_EVERY:
            async with self._store.begin() as session:
                await repository.touch(session, row.id, now)
        return who

    async def by_session(self, cookie: str) -> Principal:
        return await self._logins.who(cookie)
