"""Ways in: passwords, one-time links, sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.audit.service import record
from homarus.domains.user import repository
from homarus.domains.user.passwords import Passwords
from homarus.domains.user.service import UserService
from homarus.domains.user.tables import LoginLink, LoginSession, User
from homarus.domains.user.throttle import LoginThrottle, keys_of
from homarus.errors import Forbidden, NotFound, Unauthenticated
from homarus.kit.clock import Clock
from homarus.kit.credentials import hash_credential, new_credential
from homarus.store.engine import Store
from homarus.web.principal import Principal

SESSION = timedelta(days=7)
LINK = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was just opened; ``cookie`` is shown this once."""

    cookie: str
    expires_at: datetime
    user_id: str


class LoginService:
    """Opens its own transactions where a password is compared, which takes long."""

    def __init__(
        self, store: Store, clock: Clock, users: UserService, passwords: Passwords
    ) -> None:
        self._store = store
        self._clock = clock
        self._users = users
        self._passwords = passwords
        self._throttle = LoginThrottle(clock)

    async def with_password(self, *, email: str, password: str, address: str) -> Opened:
        """Open a session. Nothing tells an unknown e-mail from a wrong password.

        Raises:
            Unauthenticated: they do not belong together.
            TooMany: too many failures for this account or from this address.
        """
        email = email.strip().lower()
        keys = keys_of(account=email, address=address)
        self._throttle.expect_free(*keys)
        async with self._store.read() as session:
            user = await repository.get_by_email(session, email)
        known = user.password_hash if user is not None else None
        if not await self._passwords.match(known, password) or user is None:
            self._throttle.failed(*keys)
            raise Unauthenticated("E-mail and password do not belong together.")
        self._throttle.succeeded(keys[0])
        return await self._open(user.id, how="password")

    async def with_link(self, *, token: str) -> Opened:
        """Open a session with a one-time link, which is used up.

        Never slowed down: nobody guesses 256 bits, and a good link must work for people
        whose address somebody else has spoiled.

        Raises:
            Unauthenticated: unknown, used or too old.
        """
        async with self._store.begin() as session:
            taken = await repository.take_link(session, hash_credential(token), self._clock.now())
        if taken is None:
            raise Unauthenticated(
                "This login link is not known, was used or is too old.",
                hint="Ask for a new one.",
            )
        return await self._open(taken, how="link")

    async def make_link(
        self, session: AsyncSession, caller: Principal, user_id: str
    ) -> tuple[str, datetime]:
        """Return the token of a link that logs ``user_id`` in once, within half an hour.

        Raises:
            Forbidden: the user holds more than the caller.
        """
        user = await self._users.expect_not_above(session, caller, user_id)
        now = self._clock.now()
        await repository.forget_expired(session, now)
        token = new_credential("hlk_")
        row = LoginLink(id=hash_credential(token), user_id=user.id, expires_at=now + LINK)
        repository.add(session, row)
        record(session, caller, action="user.make_link", subject=user.id, at=now)
        return token, row.expires_at

    async def set_password(self, caller: Principal, *, password: str, current: str | None) -> None:
        """Give the caller a new password and log them out everywhere.

        Raises:
            Forbidden: ``current`` is not the password they have, or they came by a token.
        """
        if caller.via:
            raise Forbidden("A password is changed in a session, not with a token.")
        async with self._store.read() as session:
            user = await self._users.get(session, caller, caller.id)
        if user.password_hash is not None and not await self._passwords.match(
            user.password_hash, current or ""
        ):
            raise Forbidden("The current password is not right.")
        hashed = await self._passwords.hash(password)
        async with self._store.begin() as session:
            user = await self._users.get(session, caller, caller.id)
            user.password_hash = hashed
            await repository.end_sessions_of(session, user.id)
            now = self._clock.now()
            record(session, caller, action="user.set_password", subject=user.id, at=now)

    async def logout(self, session: AsyncSession, caller: Principal, cookie: str) -> None:
        """End the session of ``cookie``; nothing happens if there is none."""
        await repository.end_session(session, hash_credential(cookie))
        record(session, caller, action="user.logout", subject=caller.id, at=self._clock.now())

    async def who(self, cookie: str) -> Principal:
        """Whoever the session of ``cookie`` belongs to, or `Unauthenticated`."""
        async with self._store.read() as session:
            now = self._clock.now()
            found = await repository.session_of(session, hash_credential(cookie), now)
            who = found and await self._users.principal(session, found.user_id)
        if not who:
            raise Unauthenticated("This session has ended.", hint="Log in again.")
        return who

    async def _open(self, user_id: str, *, how: str) -> Opened:
        cookie = new_credential("")
        async with self._store.begin() as session:
            user: User | None = await repository.get(session, user_id)
            if user is None:
                raise NotFound("This user is gone.")
            now = self._clock.now()
            await repository.forget_expired(session, now)
            row = LoginSession(
                id=hash_credential(cookie),
                user_id=user.id,
                created_at=now,
                expires_at=now + SESSION,
            )
            repository.add(session, row)
            user.last_login_at = now
            who = Principal("user", user.id, user.name, user.workspace_id, ())
            detail = {"with": how}
            record(session, who, action="user.login", subject=user.id, at=now, detail=detail)
        return Opened(cookie, row.expires_at, user.id)
