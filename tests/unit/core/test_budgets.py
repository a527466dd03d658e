"""Windows by the calendar, and slices that leave something for others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homarus.core import budgets
from homarus.core.specs import Period

NANO = st.integers(0, 10**12)


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (Period.DAY, at(2026, 12, 31), at(2027, 1, 1)),
        (Period.MONTH, at(2026, 12, 1), at(2027, 1, 1)),
        (Period.TOTAL, 0, float("inf")),
    ],
)
def test_windows_follow_the_calendar(period: Period, start: int, end: float) -> None:
    now = at(2026, 12, 31, 23, 59)
    assert budgets.window_start(period, now) == start
    assert budgets.window_end(period, start) == end


def test_a_month_in_mid_year_ends_with_the_next() -> None:
    assert budgets.window_end(Period.MONTH, at(2026, 2, 1)) == at(2026, 3, 1)


def test_the_next_window_opens_in_the_last_tenth() -> None:
    tomorrow = at(2026, 1, 2)
    assert not budgets.may_grant(Period.DAY, tomorrow, at(2026, 1, 1, 12))
    assert budgets.may_grant(Period.DAY, tomorrow, at(2026, 1, 1, 22))
    assert budgets.may_grant(Period.DAY, at(2026, 1, 1), at(2026, 1, 1, 12))
    assert not budgets.may_grant(Period.DAY, at(2025, 12, 31), at(2026, 1, 1, 12))


@given(free=NANO, need=NANO, want=NANO, workers=st.integers(0, 16))
def test_a_grant_covers_the_call_and_never_passes_what_is_free(
    free: int, need: int, want: int, workers: int
) -> None:
    amount = budgets.grant(free=free, need=need, want=want, workers=workers)
    if need > free:
        assert amount == 0
    else:
        assert need <= amount <= max(free, need)
        assert amount <= max(need, free // 2)


def test_little_left_is_said_before_nothing_is() -> None:
    assert budgets.running_low(free=399, need=100)
    assert not budgets.running_low(free=400, need=100)


def test_a_slice_is_either_exposed_or_overrun() -> None:
    assert (budgets.exposure(10, 4), budgets.overrun(10, 4)) == (6, 0)
    assert (budgets.exposure(10, 14), budgets.overrun(10, 14)) == (0, 4)
