"""Asking for allowance: one ask per budget under way, any number of calls waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum

import msgspec

from homarus.gateway.slices import Purse, Slices
from homarus.protocol.gateway import Lease, LeaseAsk

WAIT = 0.25
"""How long a call waits for an answer while no session stands: hardly any will come."""
PATIENCE = 2.0
"""How long it waits while one stands: a busy control plane is not one that is away."""
RECALL_WAIT = 1.5
"""How long it waits once the control plane says that it calls idle allowance back."""
RECALLING = "recalling"
_REFUSED_FOR = 1.0


class Word(StrEnum):
    """What a waiting call is told."""

    TRY_AGAIN = "try_again"
    EMPTY = "empty"
    AWAY = "away"


Wake = Callable[[Word], None]


class _Pending(msgspec.Struct):
    ask: LeaseAsk
    waiting: dict[Wake, asyncio.TimerHandle]
    recalling: bool = False


class Leases:
    """Leases under way. An ask outlives its waiters and the session: its slice may exist."""

    def __init__(
        self, slices: Slices, *, new_slice: Callable[[], str], monotonic: Callable[[], float]
    ) -> None:
        self._slices = slices
        self._new_slice = new_slice
        self._monotonic = monotonic
        self._pending: dict[tuple[str, int], _Pending] = {}
        self.transmit: Callable[[LeaseAsk], None] | None = None
        """Set while a session stands."""

    def want(self, purse: Purse, need: int, wake: Wake) -> None:
        """Ask for at least ``need`` and call ``wake`` once, now or later."""
        if self._monotonic() < purse.refused_until:
            wake(Word.EMPTY)
            return
        pending = self._ask(purse, need)
        wait = PATIENCE if self.transmit is not None else WAIT
        wait = RECALL_WAIT if pending.recalling else wait
        loop = asyncio.get_running_loop()
        pending.waiting[wake] = loop.call_later(wait, self._too_late, pending, wake)

    def top_up(self, purse: Purse, need: int) -> None:
        """Ask in good time, nobody waiting."""
        if self.transmit is not None and self._monotonic() >= purse.refused_until:
            self._ask(purse, need)

    def forget(self, wake: Wake) -> None:
        """The waiting call is gone."""
        for pending in self._pending.values():
            timer = pending.waiting.pop(wake, None)
            if timer is not None:
                timer.cancel()

    def answered(self, lease: Lease) -> None:
        """An answer came; an answer to nothing we asked is ignored."""
        key = next((key for key, p in self._pending.items() if p.ask.slice == lease.re), None)
        if key is None:
            return
        pending = self._pending[key]
        if lease.amount == 0 and lease.reason == RECALLING:
            self._extend(pending)
            return
        del self._pending[key]
        purse = self._slices.purse(*key)
        if lease.amount > 0:
            self._slices.grant(*key, lease.re, lease.amount, low=lease.low)
        else:
            purse.refused_until = self._monotonic() + _REFUSED_FOR
            purse.left = lease.left
        word = Word.TRY_AGAIN if lease.amount > 0 else Word.EMPTY
        for wake, timer in pending.waiting.items():
            timer.cancel()
            wake(word)

    def resumed(self, transmit: Callable[[LeaseAsk], None]) -> None:
        """A session stands (again): what was asked and not answered is asked again."""
        self.transmit = transmit
        for pending in self._pending.values():
            transmit(pending.ask)

    def _ask(self, purse: Purse, need: int) -> _Pending:
        key = (purse.budget, purse.window)
        pending = self._pending.get(key)
        if pending is None:
            want = max(need, purse.burn(self._monotonic()))
            ask = LeaseAsk(self._new_slice(), purse.budget, purse.window, need, want)
            pending = self._pending[key] = _Pending(ask, {})
            if self.transmit is not None:
                self.transmit(ask)
        return pending

    def _extend(self, pending: _Pending) -> None:
        pending.recalling = True
        loop = asyncio.get_running_loop()
        for wake, timer in pending.waiting.items():
            timer.cancel()
            pending.waiting[wake] = loop.call_later(RECALL_WAIT, self._too_late, pending, wake)

    def _too_late(self, pending: _Pending, wake: Wake) -> None:
        if pending.waiting.pop(wake, None) is not None:
            wake(Word.EMPTY if pending.recalling else Word.AWAY)
