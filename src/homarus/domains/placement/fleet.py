"""`homarus.reconciler.fleet.Fleet` on the store: each call is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from homarus.core.bot_states import BotState
from homarus.core.placements import Link, Wish
from homarus.domains.bot.control import BotControl
from homarus.domains.placement.hub import SessionHub
from homarus.domains.placement.service import PlacementService
from homarus.ports.target import SupervisorUnit
from homarus.store.engine import Store


class StoredFleet:
    """Bots and placements as the reconciler asks for them."""

    def __init__(
        self, store: Store, bots: BotControl, placements: PlacementService, hub: SessionHub
    ) -> None:
        self._store = store
        self._bots = bots
        self._placements = placements
        self._hub = hub

    async def wishes(self, *, after: str, limit: int) -> Sequence[Wish]:
        async with self._store.read() as session:
            return await self._bots.wishes(session, after=after, limit=limit)

    async def links(self) -> Mapping[str, Link]:
        return self._hub.links()

    async def record(self, *, bot_id: str, state: BotState, reason: str) -> None:
        async with self._store.begin() as session:
            await self._bots.show(session, bot_id, state=state, reason=reason)

    async def arm(self, *, bot_id: str, generation: int, nonce: str) -> SupervisorUnit:
        async with self._store.begin() as session:
            return await self._placements.arm(
                session, bot_id=bot_id, generation=generation, nonce=nonce
            )

    async def retire(self, *, bot_id: str, generation: int) -> None:
        async with self._store.begin() as session:
            await self._placements.retire(session, bot_id=bot_id, generation=generation)

    async def remove(self, *, bot_id: str) -> None:
        async with self._store.begin() as session:
            await self._bots.remove(session, bot_id)
        self._hub.forget(bot_id)
