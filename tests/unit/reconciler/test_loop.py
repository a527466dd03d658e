"""The loop and its workers: what they do, what they leave alone, what they survive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from homarus.core.bot_states import BotState
from homarus.core.placements import Phase
from homarus.core.specs import DesiredState
from homarus.errors import ActionRequired, Permanent, Transient
from homarus.ports.target import Handle, PlacementState, SupervisorUnit
from homarus.reconciler.rows import ACTION
from homarus.testing.clock import settle


@asynccontextmanager
async def running(reconciler: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(reconciler.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_bot_is_placed_and_taken_down_and_removed(rig: Any) -> None:
    rig.bots.add("a")
    await rig.rest()
    placed = await rig.placement("a")
    assert (placed.phase, placed.generation) == (Phase.ACCEPTED, 1)
    assert rig.target.platform.states[placed.nonce] is PlacementState.ALIVE

    rig.bots.wish("a", desired=DesiredState.STOPPED)
    await rig.rest()
    assert (await rig.placement("a")).phase is Phase.GONE
    assert rig.bots.retired == [("a", 1)]
    assert rig.bots.wished["a"].shown is BotState.STOPPED

    rig.bots.wish("a", deleted=True)
    await rig.rest()
    assert rig.bots.removed == ["a"]
    assert rig.target.platform.destroyed == ["a"]
    assert await rig.store.scan("placement") == []


async def test_a_second_pass_changes_nothing(rig: Any) -> None:
    rig.bots.add("a")
    await rig.rest()
    told = list(rig.bots.told)
    made = await rig.reconciler.run_pass()
    assert made.actions == ()
    assert rig.bots.told == told


async def test_actions_of_one_bot_never_overlap(rig: Any) -> None:
    """While a start hangs, a wish to stop is not acted on; then it is."""
    busy: dict[str, int] = {}
    overlapped = []
    start, stop = rig.target.start, rig.target.stop

    async def counted(bot: str, call: Any) -> Any:
        busy[bot] = busy.get(bot, 0) + 1
        overlapped.extend([bot] if busy[bot] > 1 else [])
        await rig.clock.sleep(timedelta(seconds=5))
        try:
            return await call
        finally:
            busy[bot] -= 1

    async def slow_start(*, unit: SupervisorUnit) -> Handle:
        return await counted(unit.bot_id, start(unit=unit))  # type: ignore[no-any-return]

    async def slow_stop(*, handle: Handle, grace_s: float) -> None:
        await counted(str(handle.data["bot"]), stop(handle=handle, grace_s=grace_s))

    rig.target.start, rig.target.stop = slow_start, slow_stop
    for name in ("a", "b", "c"):
        rig.bots.add(name)
    second = rig.another("two")
    async with running(rig.reconciler), running(second):
        await rig.clock.advance(timedelta(seconds=1))
        for name in ("a", "b", "c"):
            rig.bots.wish(name, desired=DesiredState.STOPPED)
        for _ in range(40):
            await rig.clock.advance(timedelta(seconds=1))
    assert overlapped == []
    for name in ("a", "b", "c"):
        assert (await rig.placement(name)).phase is Phase.GONE
    assert rig.target.platform.states
    assert set(rig.target.platform.states.values()) == {PlacementState.GONE}


async def test_a_dead_worker_s_action_is_taken_over_and_its_writes_are_fenced(rig: Any) -> None:
    rig.bots.add("a")
    await rig.reconciler.run_pass()
    rig.target.script.slow = timedelta(seconds=200)
    late = asyncio.create_task(rig.reconciler.work_once("dead"))
    await settle()
    other = rig.another("two")
    assert not await other.work_once("two"), "the lease is held"
    await rig.clock.advance(timedelta(seconds=91))
    rig.target.script.slow = timedelta(0)
    assert await other.work_once("two")
    before = await rig.store.get("placement", "a")
    await rig.clock.advance(timedelta(seconds=120))
    assert await late
    after = await rig.store.get("placement", "a")
    assert after == before
    assert len(rig.target.platform.units) == 1


async def test_a_hanging_action_holds_up_no_other_bot(rig: Any) -> None:
    start = rig.target.start

    async def hang_for_a(*, unit: SupervisorUnit) -> Handle:
        if unit.bot_id == "a":
            await rig.clock.sleep(timedelta(hours=1))
        return await start(unit=unit)  # type: ignore[no-any-return]

    rig.target.start = hang_for_a
    for name in ("a", "b", "c"):
        rig.bots.add(name)
    async with running(rig.reconciler):
        await rig.clock.advance(timedelta(seconds=2))
    assert (await rig.placement("a")).phase is Phase.PLANNED
    for name in ("b", "c"):
        assert (await rig.placement(name)).phase is Phase.ACCEPTED


async def test_an_action_enqueued_while_a_worker_looks_is_not_slept_through(rig: Any) -> None:
    """The pass enqueues between a worker's look and its going to sleep: it looks again."""
    scan = rig.store.scan

    async def slow_scan(kind: str, **more: Any) -> Any:
        found = await scan(kind, **more)
        if kind == ACTION:
            await rig.clock.sleep(timedelta(milliseconds=300))
        return found

    rig.store.scan = slow_scan
    async with running(rig.reconciler):
        await rig.clock.advance(timedelta(milliseconds=100))
        rig.bots.add("a")
        rig.reconciler.wake()
        await rig.clock.advance(timedelta(seconds=2))
        assert (await rig.placement("a")).phase is Phase.ACCEPTED


class TestPark:
    async def test_everything_stops_and_every_wish_stays(self, rig: Any) -> None:
        rig.bots.add("a")
        rig.bots.add("b", desired=DesiredState.PAUSED)
        await rig.rest()
        async with running(rig.reconciler):
            parking = asyncio.create_task(rig.reconciler.park(within=timedelta(seconds=30)))
            await rig.clock.advance(timedelta(seconds=5))
            assert await parking
        assert {w.desired for w in rig.bots.wished.values()} == {
            DesiredState.RUNNING,
            DesiredState.PAUSED,
        }
        assert set(rig.target.platform.states.values()) == {PlacementState.GONE}
        assert {w.shown for w in rig.bots.wished.values()} <= {BotState.STOPPING, BotState.STOPPED}

        rig.reconciler = rig.another("next start")
        await rig.rest()
        for name in ("a", "b"):
            placed = await rig.placement(name)
            assert (placed.phase, placed.generation) == (Phase.ACCEPTED, 2)

    async def test_what_does_not_stop_in_time_is_admitted(self, rig: Any) -> None:
        rig.bots.add("a")
        await rig.rest()
        rig.target.script.unstoppable.add((await rig.placement("a")).nonce)
        async with running(rig.reconciler):
            parking = asyncio.create_task(rig.reconciler.park(within=timedelta(seconds=3)))
            await rig.clock.advance(timedelta(seconds=4))
            assert not await parking


class TestWhatItLeavesAlone:
    async def test_nobody_is_called_absent_in_the_adoption_window(self, rig: Any) -> None:
        rig.bots.add("a")
        await rig.rest()
        rig.bots.wish("a", shown=BotState.RUNNING, shown_reason="")
        rig.reconciler = rig.another("next start")
        await rig.rest()
        assert rig.bots.wished["a"].shown is BotState.RUNNING
        await rig.clock.advance(timedelta(seconds=40))
        await rig.rest()
        assert str(rig.bots.wished["a"].shown) == "provisioning"

    @pytest.mark.parametrize("silence", ["left out", "unreachable"])
    async def test_a_target_that_cannot_tell_is_not_gone(self, rig: Any, silence: str) -> None:
        rig.bots.add("a")
        await rig.rest()
        placed = await rig.placement("a")
        rig.target.platform.kill(placed.nonce)
        if silence == "left out":
            rig.target.script.silent.add(placed.nonce)
        else:

            async def away(*, handles: Any) -> Any:
                raise Transient("no route", delay=timedelta(seconds=1))

            rig.target.observe = away
        await rig.rest()
        assert (await rig.placement("a")) == placed

    async def test_an_orphan_goes_down(self, rig: Any) -> None:
        rig.bots.add("a")
        await rig.rest()
        nonce = (await rig.placement("a")).nonce
        del rig.bots.wished["a"]
        await rig.rest()
        assert await rig.store.scan("placement") == []
        assert rig.target.platform.states.get(nonce) is None
        assert rig.bots.removed == ["a"]


class TestTrouble:
    async def test_a_pass_that_raises_does_not_end_the_loop(self, rig: Any) -> None:
        rig.bots.add("a")
        rig.bots.broken = RuntimeError("the database hiccups")
        async with running(rig.reconciler):
            await rig.clock.advance(timedelta(seconds=1))
            rig.bots.broken = None
            await rig.clock.advance(timedelta(seconds=11))
            assert (await rig.placement("a")).phase is Phase.ACCEPTED

    async def test_an_action_that_raises_does_not_end_the_worker(self, rig: Any) -> None:
        rig.bots.add("a")
        arm = rig.bots.arm

        async def broken(**_: Any) -> Any:
            raise RuntimeError("a bug")

        rig.bots.arm = broken
        async with running(rig.reconciler):
            await rig.clock.advance(timedelta(seconds=1))
            assert (await rig.placement("a")).phase is Phase.PLANNED
            rig.bots.arm = arm
            await rig.clock.advance(timedelta(seconds=120))
            assert (await rig.placement("a")).phase is Phase.ACCEPTED

    async def test_transient_trouble_is_tried_again_later_and_later(self, rig: Any) -> None:
        rig.bots.add("a")
        rig.target.script.refuse_start = Transient("busy", delay=timedelta(seconds=1))
        tries = []
        for _ in range(4):
            await rig.rest()
            placed = await rig.placement("a")
            tries.append((placed.trouble.again_at - rig.clock.now()).total_seconds())
            await rig.clock.advance(placed.trouble.again_at - rig.clock.now())
        assert tries == [2, 4, 8, 16]
        rig.target.script.refuse_start = None
        await rig.rest()
        placed = await rig.placement("a")
        assert (placed.phase, placed.trouble, placed.generation) == (Phase.ACCEPTED, None, 1)

    async def test_permanent_trouble_waits_for_a_person(self, rig: Any) -> None:
        rig.bots.add("a")
        rig.target.script.refuse_start = Permanent("never")
        await rig.rest()
        rig.target.script.refuse_start = None
        await rig.clock.advance(timedelta(days=1))
        await rig.rest()
        assert rig.bots.wished["a"].shown is BotState.FAILED
        rig.bots.wish("a", attempt=1, shown=BotState.PENDING)
        await rig.rest()
        assert (await rig.placement("a")).phase is Phase.ACCEPTED

    async def test_a_person_s_turn_is_asked_again_every_minute(self, rig: Any) -> None:
        rig.bots.add("a")
        rig.target.script.refuse_start = ActionRequired("no sandbox", hint="Install it.")
        await rig.rest()
        assert rig.bots.wished["a"].shown_reason == "no sandbox Install it."
        rig.target.script.refuse_start = None
        await rig.clock.advance(timedelta(minutes=1))
        await rig.rest()
        assert (await rig.placement("a")).phase is Phase.ACCEPTED

    async def test_a_placement_on_a_target_that_is_no_more_is_said(self, rig: Any) -> None:
        rig.bots.add("a", target="moon")
        await rig.rest()
        told = rig.bots.wished["a"]
        assert (told.shown, told.shown_reason) == (
            BotState.FAILED,
            "There is no target 'moon' here; there are: null.",
        )

    async def test_what_cannot_be_stopped_is_tried_for_ever(self, rig: Any) -> None:
        rig.bots.add("a")
        await rig.rest()
        nonce = (await rig.placement("a")).nonce
        rig.target.script.unstoppable.add(nonce)
        rig.bots.wish("a", desired=DesiredState.STOPPED)
        await rig.rest()
        assert "stopping did not work yet" in rig.bots.wished["a"].shown_reason
        rig.target.script.unstoppable.clear()
        await rig.clock.advance(timedelta(minutes=3))
        await rig.rest()
        assert rig.bots.wished["a"].shown is BotState.STOPPED

    async def test_a_handle_lost_in_a_crash_is_found_again(self, rig: Any) -> None:
        rig.bots.add("a")
        await rig.reconciler.run_pass()
        start = rig.target.start

        async def start_and_die(*, unit: SupervisorUnit) -> Handle:
            await start(unit=unit)
            raise RuntimeError("the process ends here")

        rig.target.start = start_and_die
        with pytest.raises(RuntimeError):
            await rig.reconciler.work_once("w")
        rig.bots.wish("a", desired=DesiredState.STOPPED)
        await rig.clock.advance(timedelta(seconds=91))
        rig.target.start = start
        await rig.rest()
        assert (await rig.placement("a")).phase is Phase.GONE
        assert set(rig.target.platform.states.values()) == {PlacementState.GONE}
