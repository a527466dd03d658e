"""kill -9 anywhere: the successor finds a clean field, and never two runtimes of one bot."""

from __future__ import annotations

import os
import signal

import pytest

from homarus.ports.target import PlacementState
from homarus.protocol.supervisor import RunState, RunUnit
from homarus.supervisor import procfs
from homarus.supervisor.faults import POINTS
from homarus.testing.machine import Machine, armed, unit_of


def escaping() -> RunUnit:
    """A bot in the open whose child leaves its session: the hardest to clear away."""
    return unit_of(isolation="plain", settings={"escape": True})


def of(machine: Machine, generation: int) -> list[int]:
    nonce = f"nonce-{machine.home.name}-bot_A-{generation}"
    return [process.pid for process in procfs.marked().get(nonce, [])]


async def die_at(machine: Machine, point: str):
    """Place generation 1 and lead it to the point where it dies; returns handle and subject."""
    with armed(point):
        handle, bot = await machine.place(escaping())
    if point in ("turn-accepted", "turn-answered"):
        await machine.running(bot)
        await machine.plane.order(bot, "turn_1", "turn", text="hello", traceparent="")
    if point == "stopping":
        await machine.running(bot)
        await machine.plane.want(bot, run=RunState.STOPPED)

    def dead() -> bool:
        return PlacementState.ALIVE not in machine.target._observe([handle]).values()

    await machine.plane.until(dead)
    return handle, bot


@pytest.mark.parametrize("point", POINTS)
async def test_the_next_generation_starts_clean_after_death_at(
    machine: Machine, point: str
) -> None:
    await die_at(machine, point)
    _, bot = await machine.place(escaping(), generation=2)
    await machine.running(bot)
    assert of(machine, 1) == []
    # Supervisor, bot and escapee of the new one, each once.
    assert len(of(machine, 2)) == 3
    assert await machine.ask(bot, "turn_2", "hi") == "echo: hi"


@pytest.mark.parametrize("point", ["enrolled", "spawned", "ready"])
async def test_the_same_generation_goes_on_when_it_is_started_again(
    machine: Machine, point: str
) -> None:
    handle, bot = await die_at(machine, point)
    assert await machine.start("a token that is long spent") == handle
    await machine.running(bot)
    assert len(of(machine, 1)) == 3


async def test_an_answered_turn_is_recalled_by_the_successor(machine: Machine) -> None:
    await die_at(machine, "turn-answered")
    _, bot = await machine.place(escaping(), generation=2)
    await machine.plane.until(lambda: bot.outcome("turn_1"))
    assert (bot.outcome("turn_1").state, bot.outcome("turn_1").text) == ("done", "echo: hello")


async def test_an_accepted_turn_that_never_reached_the_bot_is_unknown(machine: Machine) -> None:
    await die_at(machine, "turn-accepted")
    _, bot = await machine.place(escaping(), generation=2)
    await machine.plane.until(lambda: bot.outcome("turn_1"))
    assert bot.outcome("turn_1").state == "unknown"


async def test_a_killed_runtime_comes_back(machine: Machine) -> None:
    _, bot = await machine.place(escaping())
    await machine.running(bot)
    pid = bot.report.pid
    os.kill(pid, signal.SIGKILL)
    await machine.plane.until(
        lambda: bot.report.restarts == 1 and bot.report.run is RunState.RUNNING
    )
    assert bot.report.pid != pid
    assert len(of(machine, 1)) == 3


async def test_supervisor_and_runtime_killed_together_leave_only_what_is_swept(
    machine: Machine,
) -> None:
    handle, bot = await machine.place(escaping())
    await machine.running(bot)
    machine.kill_supervisor(handle)
    os.kill(bot.report.pid, signal.SIGKILL)
    await machine.plane.until(lambda: len(of(machine, 1)) == 1)
    seen = await machine.target.observe(handles=[handle])
    assert list(seen.values()) == [PlacementState.LEFTOVERS]
    await machine.target.stop(handle=handle, grace_s=1)
    assert of(machine, 1) == []
    seen = await machine.target.observe(handles=[handle])
    assert list(seen.values()) == [PlacementState.GONE]


async def test_a_younger_generation_leaves_a_living_one_alone(machine: Machine) -> None:
    _, first = await machine.place(escaping())
    await machine.running(first)
    handle, _ = await machine.place(escaping(), generation=2)

    def gone() -> bool:
        return PlacementState.ALIVE not in machine.target._observe([handle]).values()

    await machine.plane.until(gone)
    assert len(of(machine, 1)) == 3
    assert await machine.ask(first, "turn_1", "hi") == "echo: hi"
