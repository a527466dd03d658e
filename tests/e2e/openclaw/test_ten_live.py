"""Ten real OpenClaws at once, by this machine's own admission: a queue, not a stampede."""

from __future__ import annotations

import asyncio

import pytest

from homarus.ports.target import Handle, PlacementState
from homarus.protocol.supervisor import RunState
from homarus.supervisor.admission import default_start_slots, machine_memory_mb
from homarus.testing.control_plane import Subject
from homarus.testing.machine import Machine, unit_of

pytestmark = [pytest.mark.live, pytest.mark.timeout(360)]
BOTS = 10
MEMORY_MB = 1200
WITHIN_S = 300
_CALM = {RunState.WAITING, RunState.INSTALLING, RunState.STARTING, RunState.RUNNING}


async def crowd(machine: Machine) -> list[tuple[Handle, Subject]]:
    unit = unit_of(runtime="openclaw", resources={"memory_mb": MEMORY_MB})
    placing = (machine.place(unit, bot=f"bot_{number}") for number in range(BOTS))
    return list(await asyncio.gather(*placing))


def starts(bot: Subject) -> int:
    """How many processes of a runtime its reports told of."""
    return len({report.pid for report in bot.reports} - {0})


async def test_ten_started_at_once_start_once_each_or_wait_with_a_reason(machine: Machine) -> None:
    fit = min(BOTS, machine_memory_mb() // MEMORY_MB)
    placed = await crowd(machine)
    bots = [bot for _, bot in placed]
    arrived: list[Subject] = []

    def settled() -> bool:
        up = [bot for bot in bots if bot.report and bot.report.run is RunState.RUNNING]
        arrived.extend(bot for bot in up if bot not in arrived)
        queued = [bot for bot in bots if bot.report and "memory" in bot.report.reason]
        return len(up) == fit and len(queued) == BOTS - fit

    await machine.plane.until(settled, within_s=WITHIN_S)
    # More bots than slots: some had to queue, and said why.
    told = {report.reason for bot in bots for report in bot.reports}
    assert fit <= default_start_slots() or "waiting: start slot" in told
    assert {report.run for bot in bots for report in bot.reports} <= _CALM
    assert [bot.report.restarts for bot in bots] == [0] * BOTS
    assert [starts(bot) for bot in bots] == [int(bot in arrived) for bot in bots]
    assert await machine.ask(arrived[-1], "turn_1", "hello") == "lobsters wave"

    handles = [handle for handle, _ in placed]
    await asyncio.gather(*(machine.target.stop(handle=one, grace_s=5) for one in handles))
    seen = await machine.target.observe(handles=handles)
    assert list(seen.values()) == [PlacementState.GONE] * BOTS
    assert [machine.processes(handle) for handle in handles] == [[]] * BOTS
