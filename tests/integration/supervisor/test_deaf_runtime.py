"""A runtime that lives and does not answer, under the conductor alone and a clock of our own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from homarus.adapters.catalog import load_runtime_host
from homarus.protocol import supervisor as wire
from homarus.protocol.supervisor import Pointer, RunState, RunUnit
from homarus.supervisor import ownership
from homarus.supervisor.admission import Admission
from homarus.supervisor.apply import Workbench
from homarus.supervisor.breaker import LIMIT
from homarus.supervisor.conductor import Conductor
from homarus.supervisor.faults import Faults
from homarus.supervisor.folders import Folders, Placement
from homarus.supervisor.live import DEAF_FOR_S
from homarus.supervisor.reporting import Reporter
from homarus.supervisor.secrets import SecretSocket, Vault
from homarus.supervisor.supply import Supply
from homarus.testing.clock import VirtualClock
from homarus.testing.machine import unit_of

LOOK_S = 5


class RestClock(VirtualClock):
    """Says when the conductor, the only one on this clock, rests between two passes."""

    def __init__(self) -> None:
        super().__init__()
        self.rests = asyncio.Event()

    async def sleep(self, pause: timedelta) -> None:
        self.rests.set()
        try:
            await super().sleep(pause)
        finally:
            self.rests.clear()


class OneUnit:
    """A control plane that is always there and knows one unit."""

    def __init__(self, unit: RunUnit) -> None:
        self._unit = unit

    async def unit(self, digest: str) -> RunUnit:
        assert digest == self._unit.digest()
        return self._unit

    async def secrets(self, names: tuple[str, ...]) -> wire.Secrets:
        return wire.Secrets("1", 1, dict.fromkeys(names, "value"))


class Stage:
    """A conductor with a real echo bot on it."""

    def __init__(self, home: Path, clock: RestClock) -> None:
        unit = unit_of(isolation="plain", settings={"deaf_after_turns": 1})
        folders = Folders(home, "bot_A", 1)
        folders.make()
        lock = ownership.take(folders.state_lock)
        assert lock is not None
        self.clock = clock
        self.reporter = Reporter({})
        self._vault = Vault()
        self._socket = SecretSocket(folders.socket, self._vault)
        placement = Placement("bot_A", "a", 1, f"nonce-{home.name}", "i", 64, "boot", 1, 4000)
        faults = Faults()
        bench = Workbench(
            folders=folders,
            placement=placement,
            loader=load_runtime_host,
            state_lock=lock,
            socket=self._socket,
            clock=clock,
            faults=faults,
        )
        self.conductor = Conductor(
            bench=bench,
            supply=Supply(
                bench=bench,
                vault=self._vault,
                reporter=self.reporter,
                control=lambda: OneUnit(unit),
                faults=faults,
            ),
            vault=self._vault,
            reporter=self.reporter,
            admission=Admission(folders.host, bot_id="bot_A", start_slots=1, memory_mb=4000),
            clock=clock,
            faults=faults,
            surface_changed=lambda: None,  # nobody here asks it what it has
        )
        self.pointer = Pointer("r1", unit.digest(), RunState.RUNNING, 0, 1, "")
        self._lock = lock

    async def open(self) -> None:
        await self._socket.open()
        self._running = asyncio.create_task(self.conductor.run())
        self.conductor.desire(self.pointer)

    async def close(self) -> None:
        self.conductor.leave(grace_s=2)
        await self._running
        await self._socket.close()
        os.close(self._lock)

    @property
    def run(self) -> RunState:
        return self.reporter.report.run

    async def until(self, true: Callable[[], object]) -> None:
        """Let the machine work, in real time, until ``true``; the clock stands still."""
        async with asyncio.timeout(30):
            while not true():
                self.reporter.changed.clear()
                if not true():
                    await self.reporter.changed.wait()

    async def speak(self, turn: str) -> None:
        """One turn: after it, this echo answers no look any more."""
        host = self.conductor.host()
        assert host is not None
        deadline = self.clock.now() + timedelta(hours=1)
        events = host.send(turn_id=turn, text="hi", traceparent="", deadline=deadline)
        assert [event.kind async for event in events][-1] == "final"

    async def pass_by(self, seconds: float) -> None:
        """Let time pass look by look; what a look does takes real time, and no virtual."""
        for _ in range(int(seconds / LOOK_S)):
            await self.clock.advance(timedelta(seconds=LOOK_S))
            async with asyncio.timeout(30):
                await self.clock.rests.wait()


@pytest.fixture
async def stage(home: Path) -> AsyncIterator[Stage]:
    stage = Stage(home, RestClock())
    await stage.open()
    yield stage
    await stage.close()


async def test_a_deaf_runtime_is_started_anew_after_two_minutes(stage: Stage) -> None:
    await stage.until(lambda: stage.run is RunState.RUNNING)
    first = stage.reporter.report.pid
    await stage.speak("turn_1")
    await stage.pass_by(3 * LOOK_S)
    assert stage.run is RunState.DEGRADED
    assert "readyz 503" in stage.reporter.report.reason
    # The first look that went unanswered begins the two minutes.
    await stage.pass_by(DEAF_FOR_S - 3 * LOOK_S)
    assert (stage.reporter.report.pid, stage.reporter.report.restarts) == (first, 0)
    await stage.pass_by(LOOK_S)
    assert (stage.run, stage.reporter.report.restarts) == (RunState.STARTING, 1)
    assert "did not answer for 120 s" in stage.reporter.report.reason
    await stage.pass_by(LOOK_S)
    assert stage.run is RunState.RUNNING
    assert stage.reporter.report.pid not in (0, first)
    await stage.pass_by(2 * DEAF_FOR_S)
    assert (stage.run, stage.reporter.report.restarts) == (RunState.RUNNING, 1)


async def test_one_that_is_deaf_again_and_again_is_given_up(stage: Stage) -> None:
    await stage.until(lambda: stage.run is RunState.RUNNING)
    for number in range(LIMIT):
        assert stage.run is RunState.RUNNING
        await stage.speak(f"turn_{number}")
        await stage.pass_by(DEAF_FOR_S + 2 * LOOK_S)
    assert stage.run is RunState.FAILED
    assert "5 times" in stage.reporter.report.reason
    assert stage.reporter.report.pid == 0
