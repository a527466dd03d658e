from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from homarus.core.placements import Phase, Placement, PlanPolicy, Trouble

NOW = datetime(2030, 1, 1, tzinfo=UTC)
TROUBLE = Trouble("transient", "x", "", NOW, None)
PLACEMENT = Placement(
    bot_id="b",
    generation=1,
    phase=Phase.PLANNED,
    nonce="n",
    target="t",
    redeploy=0,
    isolation="sandbox",
    runtime="echo",
    created_at=NOW,
    attempt=3,
    trouble=TROUBLE,
    failures=(NOW,),
)


@pytest.mark.parametrize("attempt", [0, 3])
def test_an_old_request_forgives_nothing(attempt: int) -> None:
    assert PLACEMENT.under(attempt) is PLACEMENT


def test_a_newer_request_forgives_once() -> None:
    forgiven = PLACEMENT.under(4)
    assert forgiven == replace(PLACEMENT, attempt=4, trouble=None, failures=())


def test_the_newest_eight_ends_are_remembered() -> None:
    placement = PLACEMENT
    for second in range(1, 10):
        placement = placement.failed_at(NOW + timedelta(seconds=second))
    assert placement.failures == tuple(NOW + timedelta(seconds=s) for s in range(2, 10))


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, 2), (1, 2), (2, 4), (3, 8), (6, 64), (7, 120), (10_000, 120)]
)
def test_pauses_double_up_to_a_bound(count: int, seconds: int) -> None:
    assert PlanPolicy().backoff(count) == timedelta(seconds=seconds)
