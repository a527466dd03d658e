"""The runtime that was started: what it runs, how it was started, and whether it listens."""

from __future__ import annotations

from homarus.errors import Unavailable
from homarus.kit.clock import Clock
from homarus.ports.runtime_host import Health, Ticket
from homarus.supervisor.apply import Candidate
from homarus.supervisor.process import Child

DEAF_FOR_S = 120.0
"""A runtime that was ready and does not answer for so long is started anew."""
_DEAF_LOOKS = 3


class Live:
    """A runtime that we started and that has not been taken down."""

    def __init__(self, candidate: Candidate, ticket: Ticket, child: Child, nonce: int) -> None:
        self.candidate = candidate
        self.ticket = ticket
        self.child = child
        self.restart_nonce = nonce
        self.ready = False
        self.paused = ticket.paused
        self.secrets_version = 0
        self.health = Health(alive=False, ready=False)
        """What the last look saw."""
        self._missed = 0
        self._silent_since = 0.0

    async def look(self, clock: Clock) -> Health:
        """Look at it once, and remember since when it has not been answering."""
        self.health = await self._answering()
        if self.health.ready:
            self._missed = 0
        else:
            self._missed += 1
            if self._missed == 1:
                self._silent_since = clock.monotonic()
        return self.health

    @property
    def hears(self) -> bool:
        return self._missed == 0

    @property
    def hard_of_hearing(self) -> bool:
        """It missed several looks in a row; one alone may be a busy moment."""
        return self._missed >= _DEAF_LOOKS

    def deaf(self, clock: Clock) -> bool:
        """It was ready and lives, and has answered no look for `DEAF_FOR_S`.

        Looks may be far apart while something else keeps the supervisor: hence both counts.
        """
        silent_s = clock.monotonic() - self._silent_since
        return self.ready and self.hard_of_hearing and silent_s >= DEAF_FOR_S

    async def _answering(self) -> Health:
        """Healthy, and its control surface is ours: a lost connection is made anew here."""
        host = self.candidate.host
        health = await host.health(ticket=self.ticket)
        if not health.ready:
            return health
        try:
            await host.open(ticket=self.ticket)
        except Unavailable as fault:
            return Health(True, False, fault.message)
        return health
