"""A store that goes away, at the moments that are hardest to bear."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.errors import Unavailable
from homarus.store.engine import Store


class Fate(StrEnum):
    """What becomes of a write while the store is away."""

    REFUSED = "refused"
    """It never began."""
    ROLLED_BACK = "rolled_back"
    """It was cut off before its commit."""
    ANSWER_LOST = "answer_lost"
    """It was committed; the writer hears the same error as if it were not."""


class FlakyStore(Store):
    """A store over another one. While ``down``, every transaction raises `Unavailable`."""

    def __init__(self, real: Store, dice: random.Random) -> None:
        self.changed = real.changed
        self.down = False
        self.met: set[Fate] = set()
        self._real = real
        self._dice = dice

    @property
    def dialect(self) -> str:
        return self._real.dialect

    @asynccontextmanager
    async def begin(self, *, quiet: bool = False) -> AsyncIterator[AsyncSession]:
        fate = self._fate() if self.down else None
        if fate is Fate.REFUSED:
            raise _away()
        async with self._real.begin(quiet=quiet) as session:
            yield session
            if fate is Fate.ROLLED_BACK:
                raise _away()
        if fate is Fate.ANSWER_LOST:
            raise _away()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        if self.down:
            raise _away()
        async with self._real.read() as session:
            yield session

    def _fate(self) -> Fate:
        fate = self._dice.choice(list(Fate))
        self.met.add(fate)
        return fate


def _away() -> Unavailable:
    return Unavailable("The database does not answer now.")
