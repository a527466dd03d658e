"""Creating requests and their ``Idempotency-Key``: repeating one makes nothing twice.

The key is remembered for 24 hours in the transaction that creates, per workspace and caller.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Request
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.errors import Conflict, Invalid
from homarus.store.upsert import insert_into
from homarus.web.parts import parts
from homarus.web.principal import Principal
from homarus.web.tables import IdempotencyRow

KEPT = timedelta(hours=24)


class HasId(Protocol):
    """Anything with an id that stays."""

    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=HasId)


class InFlight:
    """Keys whose request this process is working on; made once per application."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Hold ``key`` for the length of the block; `Conflict` if it is held already."""
        if key in self._keys:
            raise Conflict(
                "The first request with this Idempotency-Key is still being worked on.",
                hint="Wait a moment and repeat it; nothing is made twice.",
            )
        self._keys.add(key)
        try:
            yield
        finally:
            self._keys.discard(key)


class Creation:
    """A write transaction that makes one thing, once per idempotency key."""

    def __init__(self, session: AsyncSession, key: str, request_hash: str, now: datetime) -> None:
        self.session = session
        self._key = key
        self._request_hash = request_hash
        self._now = now

    async def once(
        self,
        caller: Principal,
        make: Callable[[AsyncSession], Awaitable[T]],
        again: Callable[[AsyncSession, str], Awaitable[T]],
    ) -> T:
        """Return what ``make`` made now, or, for a key seen before, ``again`` of its id.

        ``again`` must not reveal what is shown once only. Without a key this is ``make``.

        Raises:
            Invalid: the key was used for a different request.
            Conflict: another process works on the same key.
        """
        if not self._key:
            return await make(self.session)
        known = await self._known(caller)
        if known is not None:
            if known.request_hash != self._request_hash:
                raise Invalid(
                    "This Idempotency-Key belongs to a different request.",
                    hint="Use a new key for a new request.",
                )
            return await again(self.session, known.result_id)
        made = await make(self.session)
        await self._remember(caller, made.id)
        return made

    async def _known(self, caller: Principal) -> IdempotencyRow | None:
        row = await self.session.get(IdempotencyRow, (caller.workspace_id, caller.id, self._key))
        return row if row is not None and row.expires_at > self._now else None

    async def _remember(self, caller: Principal, result_id: str) -> None:
        expired = delete(IdempotencyRow).where(IdempotencyRow.expires_at <= self._now)
        await self.session.execute(expired)
        row = insert_into(self.session, IdempotencyRow).values(
            workspace_id=caller.workspace_id,
            principal_id=caller.id,
            key=self._key,
            request_hash=self._request_hash,
            result_id=result_id,
            expires_at=self._now + KEPT,
        )
        first = row.on_conflict_do_nothing().returning(IdempotencyRow.key)
        if await self.session.scalar(first) is None:
            # Its twin in another process committed first; ours is rolled back whole.
            raise Conflict("The same request was just carried out.", hint="Repeat it once.")


Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=100,
        description="repeating a request with the same key within 24 hours makes nothing twice",
    ),
]


async def _creation(request: Request, key: Key = "") -> AsyncIterator[Creation]:
    ours = parts(request)
    body = await request.body()
    what = f"{request.method} {request.url.path}\n".encode() + body
    request_hash = hashlib.sha256(what).hexdigest()
    if not key:
        async with ours.store.begin() as session:
            yield Creation(session, "", request_hash, ours.clock.now())
        return
    # The credential is part of the name, so that two callers with one key never meet.
    sender = request.headers.get("authorization", "") + request.headers.get("cookie", "")
    holding = hashlib.sha256(f"{sender}\n{key}".encode()).hexdigest()
    in_flight: InFlight = request.app.state.in_flight
    with in_flight.hold(holding):
        async with ours.store.begin() as session:
            yield Creation(session, key, request_hash, ours.clock.now())


Creating = Annotated[Creation, Depends(_creation, scope="function")]
