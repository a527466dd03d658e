"""The sequencer: gives committed rows their numbers, one process at a time.

Numbers taken inside the writing transactions would commit out of order, and a reader that
follows them would miss rows. So rows are written unnumbered and numbered here, afterwards.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.errors import HomarusError
from homarus.kit.clock import Clock
from homarus.kit.signal import Signal, wait_at_most
from homarus.store import leases
from homarus.store.engine import Store
from homarus.store.tables import CounterRow
from homarus.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of row to number."""

    waiting: Callable[[AsyncSession], Awaitable[bool]]
    """Say whether there is a row without a number."""
    number: Callable[[AsyncSession], Awaitable[int]]
    """Number a batch in the given transaction; return how many."""


LEASE = timedelta(seconds=15)
PAUSE = timedelta(seconds=1)
_log = structlog.get_logger(__name__)


async def next_numbers(session: AsyncSession, name: str, count: int) -> int:
    """Take ``count`` numbers of the sequence ``name``; return the first. They start at 1."""
    taken = (
        insert_into(session, CounterRow)
        .values(name=name, value=count)
        .on_conflict_do_update(index_elements=["name"], set_={"value": CounterRow.value + count})
        .returning(CounterRow.value)
    )
    last = (await session.execute(taken)).scalar_one()
    return last - count + 1


class Sequencer:
    """Runs its steps after every commit, and at least once a second for other processes' rows.

    ``numbered`` is notified when rows got numbers. Several may run: one holds the lease.
    """

    def __init__(self, store: Store, clock: Clock, *, owner: str, steps: Sequence[Step]) -> None:
        self.numbered = Signal()
        self._store = store
        self._clock = clock
        self._owner = owner
        self._steps = tuple(steps)

    async def run(self) -> None:
        """Number rows until cancelled. A store that is away is waited for."""
        while True:
            ticket = self._store.changed.ticket()
            try:
                done = await self.turn()
            except HomarusError as fault:
                _log.warning("sequencer.away", code=fault.code, detail=fault.detail)
                done = 0
            if not done:
                await wait_at_most(ticket, self._clock, PAUSE)

    async def turn(self) -> int:
        """Number one batch of every step; 0 if there was nothing, or another has the lease."""
        # Looking first keeps an idle store free of writes, and our own commits from waking us
        # for ever.
        async with self._store.read() as session:
            wanted = [step for step in self._steps if await step.waiting(session)]
        done = 0
        for step in wanted:
            done += await self._one(step)
        if done:
            self.numbered.notify()
        return done

    async def _one(self, step: Step) -> int:
        # Claim and work are one transaction: whoever lost the lease cannot commit numbers.
        async with self._store.begin(quiet=True) as session:
            lease = await leases.claim(
                session,
                "sequencer",
                "numbers",
                owner=self._owner,
                now=self._clock.now(),
                length=LEASE,
            )
            return 0 if lease is None else await step.number(session)
