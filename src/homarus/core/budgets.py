"""Windows of a budget and the rule by which slices of it are granted. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from homarus.core.specs import Period

_DAY = 86_400


def window_start(period: Period, now: float) -> int:
    """Return when the window that holds ``now`` began, both in seconds since 1970.

    Days and months begin at midnight UTC; the one window of ``total`` began at 0.
    """
    if period is Period.TOTAL:
        return 0
    if period is Period.DAY:
        return int(now) - int(now) % _DAY
    moment = datetime.fromtimestamp(now, UTC)
    return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp())


def window_end(period: Period, start: int) -> float:
    """Return when the window that began at ``start`` ends; a total window never does."""
    if period is Period.TOTAL:
        return float("inf")
    if period is Period.DAY:
        return start + _DAY
    moment = datetime.fromtimestamp(start, UTC)
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp())


def may_grant(period: Period, window: int, now: float) -> bool:
    """Say whether slices of the window that begins at ``window`` may be granted at ``now``.

    The current one, and the next one within the last tenth of the current.
    """
    start = window_start(period, now)
    if window == start:
        return True
    end = window_end(period, start)
    return window == end and now >= end - (end - start) / 10


def grant(*, free: int, need: int, want: int, workers: int) -> int:
    """Return the size of a slice, or 0 when ``need`` does not fit into ``free``.

    A worker gets at most an equal share of half of what is free, so that one burst does
    not starve the others, but always enough for the call that asks.
    """
    if need > free:
        return 0
    return min(max(want, need), max(need, free // (2 * max(1, workers))))


def running_low(*, free: int, need: int) -> bool:
    """Say whether so little is free that answers must be limited to what is reserved."""
    return free < 4 * need


def overrun(amount: int, used: int) -> int:
    """Return by how much ``used`` passes a slice of ``amount``: the estimate's error."""
    return max(0, used - amount)


def exposure(amount: int, used: int) -> int:
    """Return what an open slice may still spend."""
    return max(0, amount - used)
