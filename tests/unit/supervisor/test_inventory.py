"""What the supervisor tells of a bot's channels and skills, question by question."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from homarus.errors import Unavailable
from homarus.ports.runtime_host import ChannelSeen, Inventory, SkillSeen
from homarus.protocol import supervisor as wire
from homarus.protocol.supervisor import RunState
from homarus.supervisor.inventory import EVERY, MOST, SOON, InventoryWatch
from homarus.supervisor.reporting import Reporter
from homarus.testing.clock import VirtualClock, settle

HAS = Inventory(
    channels=(ChannelSeen("telegram", "running", "polling"),),
    skills=(SkillSeen("video", False, "bins missing: ffmpeg", "bundled"),),
)


class Runtime:
    """A runtime that says what the test wants."""

    def __init__(self) -> None:
        self.has: Inventory | Exception = HAS
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def inventory(self) -> Inventory:
        self.asked += 1
        await self.gate.wait()
        if isinstance(self.has, Exception):
            raise self.has
        return self.has


class Bot:
    """What runs now."""

    def __init__(self) -> None:
        self.runtime: Runtime | None = Runtime()


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def reporter() -> Reporter:
    reporter = Reporter({})
    reporter.set(run=RunState.RUNNING, reason="")
    return reporter


@pytest.fixture
async def watch(bot: Bot, reporter: Reporter, clock: VirtualClock) -> AsyncIterator[InventoryWatch]:
    watch = InventoryWatch(runtime=lambda: bot.runtime, reporter=reporter, clock=clock)  # type: ignore[arg-type,return-value]
    running = asyncio.create_task(watch.run())
    await settle()
    yield watch
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def told(reporter: Reporter) -> wire.Inventory:
    assert reporter.report.inventory is not None
    return reporter.report.inventory


@pytest.mark.usefixtures("watch")
async def test_it_is_asked_every_minute_and_told_when_it_differs(
    bot: Bot, reporter: Reporter, clock: VirtualClock
) -> None:
    first = told(reporter)
    assert first.channels == (wire.Channel("telegram", "running", "polling"),)
    assert first.skills == (wire.Skill("video", False, "bins missing: ffmpeg", "bundled"),)
    assert datetime.fromisoformat(first.asked_at) == clock.now()
    assert bot.runtime
    reporter.changed.clear()
    await clock.advance(EVERY * 3)
    assert bot.runtime.asked == 4
    assert not reporter.changed.is_set(), "a quiet bot makes no reports"
    bot.runtime.has = Inventory(skills=(SkillSeen("video", True, "", "bundled"),))
    await clock.advance(EVERY)
    assert reporter.changed.is_set()
    assert (told(reporter).channels, told(reporter).skills[0].ready) == ((), True)


@pytest.mark.usefixtures("watch")
@pytest.mark.parametrize("fault", [Unavailable("It is busy."), KeyError("odd")])
async def test_a_failure_keeps_what_was_known_with_its_age_and_the_bot_as_it_is(
    bot: Bot, reporter: Reporter, clock: VirtualClock, fault: Exception
) -> None:
    await clock.advance(EVERY)
    answered = clock.now()
    assert bot.runtime
    bot.runtime.has = fault
    await clock.advance(EVERY * 2)
    known = told(reporter)
    assert known.channels
    assert known.problem == ("It is busy." if isinstance(fault, Unavailable) else known.problem)
    assert known.problem
    assert datetime.fromisoformat(known.asked_at) == answered
    assert (reporter.report.run, reporter.report.findings) == (RunState.RUNNING, ())
    bot.runtime.has = HAS
    await clock.advance(EVERY)
    assert (told(reporter).problem, told(reporter).asked_at) == ("", clock.now().isoformat())


async def test_what_never_answered_is_asked_again_soon(
    bot: Bot, reporter: Reporter, clock: VirtualClock, watch: InventoryWatch
) -> None:
    fresh = bot.runtime = Runtime()
    fresh.has = Unavailable("still starting")
    reporter.set(inventory=None)
    watch.look_now()
    await settle()
    assert told(reporter) == wire.Inventory(problem="still starting")
    fresh.has = HAS
    await clock.advance(SOON)
    assert told(reporter).problem == ""
    assert told(reporter).channels


async def test_an_answer_of_the_runtime_before_is_not_taken(
    bot: Bot, reporter: Reporter, clock: VirtualClock, watch: InventoryWatch
) -> None:
    old = bot.runtime
    assert old
    old.gate.clear()
    await clock.advance(EVERY)
    bot.runtime = None
    old.has = Inventory()
    old.gate.set()
    await settle()
    assert reporter.report.inventory is None
    bot.runtime = Runtime()
    await clock.advance(EVERY - timedelta(seconds=1))
    assert reporter.report.inventory is None
    watch.look_now()
    await settle()
    assert told(reporter).channels


@pytest.mark.usefixtures("watch")
async def test_a_bot_that_wrote_thousands_of_skills_makes_a_small_report(
    bot: Bot, reporter: Reporter, clock: VirtualClock
) -> None:
    many = [SkillSeen(f"skill-{n:04}", False, "x" * 9000, "workspace") for n in range(3000)]
    many.append(SkillSeen("z" * 9000, True, "", "workspace"))
    assert bot.runtime
    bot.runtime.has = Inventory(skills=tuple(many))
    await clock.advance(EVERY)
    assert (len(told(reporter).skills), told(reporter).left_out) == (MOST, 3001 - MOST)
    assert told(reporter).skills[0].ready, "those that are ready come first"
    frame = wire.encode(wire.Status(1, reporter.report))
    assert len(frame) < wire.MAX_FRAME / 10
    assert isinstance(wire.decode_to_control(frame), wire.Status)
