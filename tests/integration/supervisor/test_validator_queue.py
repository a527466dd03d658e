"""The runtime's own validator is a program too: it queues, and its death is no verdict."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from homarus.adapters.runtimes.echo.host import EchoHost
from homarus.errors import Issue, Unavailable
from homarus.ports.runtime_host import Launch, Places
from homarus.protocol.supervisor import RunState
from homarus.supervisor import ownership
from homarus.supervisor.apply import Workbench
from homarus.supervisor.faults import Faults
from homarus.supervisor.folders import Folders, Placement
from homarus.supervisor.reporting import Reporter
from homarus.supervisor.secrets import SecretSocket, Vault
from homarus.supervisor.supply import Supply
from homarus.testing.clock import VirtualClock
from homarus.testing.machine import Machine, unit_of


async def test_a_new_revision_waits_for_a_slot_beside_the_running_one(machine: Machine) -> None:
    _, bot = await machine.place(unit_of(isolation="plain"))
    await machine.running(bot)
    pid = bot.report.pid
    taken = ownership.take(machine.home / "run" / ".host" / "slots" / "start-0.lock")
    await machine.plane.want_unit(bot, unit_of("r2", isolation="plain", settings={"delay_ms": 1}))
    # Fetched, and not yet judged: what runs goes on, and says nothing of a queue.
    beats = bot.heartbeats
    await machine.plane.until(lambda: bot.heartbeats > beats + 2)
    assert (bot.report.run, bot.report.revision, bot.report.pid) == (RunState.RUNNING, "r1", pid)
    assert await machine.ask(bot, "turn_1", "hi") == "echo: hi"
    os.close(taken)
    await machine.plane.until(lambda: bot.report.revision == "r2")
    assert bot.report.restarts == 0


class KilledValidator(EchoHost):
    """Its validator dies as by a machine short of memory."""

    async def validate(
        self, *, places: Places, run: Callable[[Launch], Awaitable[tuple[int, str]]]
    ) -> Sequence[Issue]:
        code, output = await run(Launch(("/bin/sh", "-c", "kill -9 $$"), {}))
        return (Issue("", f"ended with {code}: {output}"),)


async def test_a_killed_validator_has_refused_nothing(home: Path, clock: VirtualClock) -> None:
    folders = Folders(home, "bot_A", 1)
    folders.make()
    lock = ownership.take(folders.state_lock)
    assert lock is not None

    async def progress(_: object) -> None:
        return

    bench = Workbench(
        folders=folders,
        placement=Placement("bot_A", "a", 1, f"nonce-{home.name}", "i", 64, "boot", 1, 4000),
        loader=lambda _, settings: KilledValidator(settings),
        state_lock=lock,
        socket=SecretSocket(folders.socket, Vault()),
        clock=clock,
        faults=Faults(),
    )
    candidate = await bench.prepare(unit_of(isolation="plain"), progress)
    with pytest.raises(Unavailable, match="killed"):
        await bench.validate(candidate)
    # Asked after a start that failed for its configuration, it has nothing to add, and no more.
    supply = Supply(
        bench=bench,
        vault=Vault(),
        reporter=Reporter({}),
        control=lambda: None,
        faults=Faults(),
    )
    assert await supply.complaints(candidate) == ()
    os.close(lock)
