"""Allowance leased from the control plane, in memory: reserve on every budget or on none.

Slices never expire by time. What a window's end, a recall or a shutdown leaves idle is
handed to the spool as a RETURN by the caller of `surrender`.
"""

from __future__ import annotations

import math

import msgspec

from homarus.core.budgets import window_end, window_start
from homarus.core.specs import Period
from homarus.protocol.gateway import BudgetRow, Draw

_BURN_SPAN = 900.0


class Slice(msgspec.Struct, gc=False):
    """One grant. ``free`` is neither reserved nor spent; ``reserved`` is held by calls.

    ``debt`` was spent beyond the grant while other calls still held a part of it; what they
    free pays it first, so that we never count as free what the control plane counts as spent.
    """

    id: str
    free: int
    reserved: int = 0
    debt: int = 0


class Part(msgspec.Struct):
    """What one call has reserved of one budget's window."""

    purse: Purse
    draws: list[tuple[Slice, int]]


class Purse:
    """What this worker holds of one budget in one window."""

    __slots__ = (
        "_burn", "_burn_at", "budget", "free", "left", "low", "refused_until", "slices", "window",
    )  # fmt: skip

    def __init__(self, budget: str, window: int) -> None:
        self.budget = budget
        self.window = window
        self.slices: list[Slice] = []
        self.free = 0
        self.low = False
        self.refused_until = 0.0
        self.left = 0
        """What the control plane had left when it last refused, beside our own ``free``."""
        self._burn = 0
        self._burn_at = 0.0

    def take(self, amount: int) -> list[tuple[Slice, int]]:
        """Reserve ``amount``, which is at most ``free``."""
        self.free -= amount
        draws = []
        for slice_ in self.slices:
            if amount == 0:
                break
            part = min(slice_.free, amount)
            if part:
                slice_.free -= part
                slice_.reserved += part
                amount -= part
                draws.append((slice_, part))
        return draws

    def spend(self, draws: list[tuple[Slice, int]], cost: int, now: float) -> list[Draw]:
        """Turn a reservation into ``cost``; the rest is free again.

        What passes the reservation is taken from what is free, then charged to the last
        slice beyond its amount: the estimate's error.
        """
        if now - self._burn_at > 1.0:  # seldom enough to cost nothing, often enough to be true
            self._burn = self.burn(now)
            self._burn_at = now
        self._burn += cost
        spent = []
        for slice_, reserved in draws:
            part = min(reserved, cost)
            cost -= part
            freed = reserved - part
            slice_.reserved -= reserved
            if slice_.debt:
                paid = min(slice_.debt, freed)
                slice_.debt -= paid
                freed -= paid
            slice_.free += freed
            self.free += freed
            if part:
                spent.append(Draw(slice_.id, part))
        if cost:
            for slice_, part in self.take(min(cost, self.free)):
                slice_.reserved -= part
                spent.append(Draw(slice_.id, part))
                cost -= part
        if cost and (draws or self.slices):
            last = draws[-1][0] if draws else self.slices[-1]
            last.debt += cost
            spent.append(Draw(last.id, cost))
        return spent

    def burn(self, now: float) -> int:
        """Return what this worker spent here in about the last quarter of an hour."""
        return int(self._burn * math.exp((self._burn_at - now) / _BURN_SPAN))


class Slices:
    """Every purse of this worker. Not thread-safe: it lives on the event loop."""

    def __init__(self) -> None:
        self._purses: dict[tuple[str, int], Purse] = {}
        self._windows: dict[str, tuple[int, float]] = {}

    def window(self, budget: BudgetRow, now: float) -> int:
        """Return the start of the window that rules at ``now`` (control-plane time)."""
        known = self._windows.get(budget.id)
        if known is None or now >= known[1] or now < known[0]:
            start = window_start(Period(budget.period), now)
            known = self._windows[budget.id] = (start, window_end(Period(budget.period), start))
        return known[0]

    def purse(self, budget: str, window: int) -> Purse:
        key = (budget, window)
        purse = self._purses.get(key)
        if purse is None:
            purse = self._purses[key] = Purse(budget, window)
        return purse

    def purses(self, budgets: tuple[BudgetRow, ...], now: float) -> list[Purse]:
        """Return the purses that a call beginning at ``now`` draws on."""
        return [self.purse(budget.id, self.window(budget, now)) for budget in budgets]

    def reserve(self, purses: list[Purse], amount: int) -> list[Part] | Purse:
        """Reserve ``amount`` of every purse, or change nothing and return one that lacks it."""
        for purse in purses:
            if purse.free < amount:
                return purse
        return [Part(purse, purse.take(amount)) for purse in purses]

    def grant(self, budget: str, window: int, slice_id: str, amount: int, *, low: bool) -> None:
        """A lease came."""
        purse = self.purse(budget, window)
        purse.slices = [old for old in purse.slices if old.free or old.reserved]
        purse.slices.append(Slice(slice_id, amount))
        purse.free += amount
        purse.low = low
        purse.refused_until = 0.0
        purse.left = 0

    def surrender(self, budget: str) -> tuple[Draw, ...]:
        """Empty what is idle of ``budget`` and return it, for a RETURN record."""
        draws: list[Draw] = []
        for purse in self._purses.values():
            if purse.budget == budget:
                draws += _empty(purse)
        return tuple(draws)

    def expire(self, budgets: dict[str, BudgetRow], now: float) -> tuple[Draw, ...]:
        """Empty what is idle in windows that are over, and of budgets that are gone."""
        draws: list[Draw] = []
        for key, purse in list(self._purses.items()):
            row = budgets.get(purse.budget)
            if row is not None and purse.window >= self.window(row, now):
                continue
            draws += _empty(purse)
            if not purse.slices:
                del self._purses[key]
            if row is None:
                self._windows.pop(purse.budget, None)
        return tuple(draws)


def _empty(purse: Purse) -> list[Draw]:
    draws = [Draw(slice_.id, slice_.free) for slice_ in purse.slices if slice_.free > 0]
    for slice_ in purse.slices:
        slice_.free = 0
    purse.free = 0
    purse.slices = [slice_ for slice_ in purse.slices if slice_.reserved]
    return draws
