"""Small regular jobs: each one transaction, each harmless to repeat or to miss."""

from __future__ import annotations

from datetime import timedelta

import structlog

from homarus.domains.turn.service import TurnService
from homarus.errors import HomarusError
from homarus.kit.clock import Clock
from homarus.store.engine import Store
from homarus.store.outbox import KEPT, forget_events

log = structlog.get_logger(__name__)
EVERY = timedelta(seconds=10)


class Sweeper:
    """Ends overdue commands, and forgets events nobody can resume from."""

    def __init__(self, store: Store, clock: Clock, turns: TurnService) -> None:
        self._store = store
        self._clock = clock
        self._turns = turns

    async def run(self) -> None:
        """Sweep until cancelled; a store that is away is waited for."""
        while True:
            await self._clock.sleep(EVERY)
            try:
                await self.sweep()
            except HomarusError as fault:
                log.warning("sweep_put_off", why=fault.message, detail=fault.detail)

    async def sweep(self) -> None:
        """One round."""
        async with self._store.begin() as session:
            await self._turns.sweep(session)
            await forget_events(session, before=self._clock.now() - KEPT)
