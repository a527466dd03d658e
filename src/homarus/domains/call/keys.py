"""Bot keys: issued once per generation, known afterwards by a keyed digest only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.call import repository
from homarus.domains.call.tables import BotKey
from homarus.domains.provider.service import SNAPSHOT
from homarus.kit.clock import Clock
from homarus.store.after import after_commit
from homarus.store.sequencer import next_numbers


class BotKeys:
    """The keys with which bots call models. Changes reach gateways within a second.

    To know that a change is obeyed: read `version` in the same transaction, then
    `GatewayHub.wait_applied`.
    """

    def __init__(self, clock: Clock, *, pepper: bytes, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._pepper = pepper
        self._changed = changed

    async def issue(
        self, session: AsyncSession, *, bot_id: str, workspace_id: str, generation: int
    ) -> str:
        """Make a key for one generation of a bot. It is returned once and kept nowhere.

        Older generations keep theirs until they are revoked.
        """
        key = "hmb_" + secrets.token_urlsafe(32)
        digest = hashlib.blake2b(key.encode(), key=self._pepper, digest_size=32).hexdigest()
        session.add(
            BotKey(
                digest=digest,
                workspace_id=workspace_id,
                bot_id=bot_id,
                generation=generation,
                paused=False,
                created_at=self._clock.now(),
                revoked_at=None,
            )
        )
        await self._bump(session)
        return key

    async def revoke(
        self, session: AsyncSession, *, bot_id: str, generation: int | None = None
    ) -> None:
        """Void a bot's keys: all, or those of ``generation`` and older. Repeating is harmless."""
        await repository.revoke_keys(session, bot_id, up_to=generation, at=self._clock.now())
        await self._bump(session)

    async def set_paused(self, session: AsyncSession, *, bot_id: str, paused: bool) -> None:
        """Refuse (or serve again) every call of a bot, its keys staying what they are."""
        await repository.pause_keys(session, bot_id, paused=paused)
        await self._bump(session)

    async def version(self, session: AsyncSession) -> int:
        """The snapshot version that has every change of this transaction."""
        return await repository.snapshot_version(session)

    async def _bump(self, session: AsyncSession) -> None:
        await session.flush()
        after_commit(session, self._changed)
        await next_numbers(session, SNAPSHOT, 1)
