"""When a silent runtime counts as deaf."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from homarus.errors import Unavailable
from homarus.ports.runtime_host import Health, RuntimeHost, Ticket
from homarus.supervisor.apply import Candidate
from homarus.supervisor.live import DEAF_FOR_S, Live
from homarus.supervisor.process import Child
from homarus.testing.clock import VirtualClock
from homarus.testing.machine import unit_of


class Ears:
    """The two questions of a look, answered as the test says."""

    def __init__(self) -> None:
        self.ready = True
        self.opens = True

    async def health(self, *, ticket: Ticket) -> Health:
        return Health(alive=True, ready=self.ready)

    async def open(self, *, ticket: Ticket) -> None:
        if not self.opens:
            raise Unavailable("no control surface")


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def live(ears: Ears) -> Live:
    unit = unit_of()
    candidate = Candidate(unit.digest(), unit, cast("RuntimeHost", ears), Path())
    live = Live(candidate, Ticket(1, "", "", paused=False), cast("Child", None), 0)
    live.ready = True
    return live


async def looks(live: Live, clock: VirtualClock, count: int, every_s: float) -> None:
    for _ in range(count):
        await live.look(clock)
        await clock.advance(timedelta(seconds=every_s))


async def test_one_answer_begins_the_count_anew(
    live: Live, ears: Ears, clock: VirtualClock
) -> None:
    ears.ready = False
    await looks(live, clock, 10, DEAF_FOR_S / 10 - 1)
    assert live.hard_of_hearing
    assert not live.deaf(clock)
    ears.ready = True
    await looks(live, clock, 1, 5)
    assert live.hears
    ears.ready = False
    await looks(live, clock, 10, DEAF_FOR_S / 10 - 1)
    assert not live.deaf(clock)
    await clock.advance(timedelta(seconds=10))
    assert live.deaf(clock)


async def test_two_looks_that_lie_far_apart_prove_nothing(
    live: Live, ears: Ears, clock: VirtualClock
) -> None:
    ears.ready = False
    await looks(live, clock, 2, 10 * DEAF_FOR_S)
    assert not live.deaf(clock)
    await live.look(clock)
    assert live.deaf(clock)


async def test_a_control_surface_that_is_lost_for_good_is_deafness_too(
    live: Live, ears: Ears, clock: VirtualClock
) -> None:
    ears.opens = False
    await looks(live, clock, 3, DEAF_FOR_S / 2)
    assert live.deaf(clock)
    assert live.health.detail == "no control surface"


async def test_one_that_was_never_ready_is_slow_not_deaf(
    live: Live, ears: Ears, clock: VirtualClock
) -> None:
    live.ready = ears.ready = False
    await looks(live, clock, 5, DEAF_FOR_S)
    assert not live.deaf(clock)
