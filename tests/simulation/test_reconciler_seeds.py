"""The reconciler under seeded faults; `make sim` runs the same with many more seeds."""

from __future__ import annotations

import asyncio
import os

import pytest

from homarus.ports.target import Handle, SupervisorUnit
from homarus.testing.simulator import Broken, SimTarget, Simulation

FIRST = int(os.environ.get("SIM_FIRST_SEED", "0"))
COUNT = int(os.environ.get("SIM_SEEDS", "1000"))


def run(seeds: range) -> None:
    for seed in seeds:
        asyncio.run(Simulation(seed).run())


def test_invariants_hold_under_every_seed() -> None:
    run(range(FIRST, FIRST + COUNT))


class TestTheSimulatorCatches:
    """Each sabotage below was a real temptation; the simulation must see it soon."""

    def test_a_target_that_claims_to_have_stopped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def claim(self: SimTarget, *, handle: Handle, grace_s: float) -> None:
            return None

        monkeypatch.setattr(SimTarget, "stop", claim)
        with pytest.raises(Broken, match=r"run"):
            run(range(60))

    def test_a_start_that_is_not_repeatable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        honest = SimTarget.start

        async def start_another(self: SimTarget, *, unit: SupervisorUnit) -> Handle:
            running = self._world.supervisors
            if unit.nonce in running:
                running[f"{unit.nonce}-{len(running)}"] = running.pop(unit.nonce)
            return await honest(self, unit=unit)

        monkeypatch.setattr(SimTarget, "start", start_another)
        with pytest.raises(Broken, match="at once"):
            run(range(60))

    def test_a_handle_lost_in_a_crash(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def nothing_known(self: SimTarget) -> list[Handle]:
            return []

        monkeypatch.setattr(SimTarget, "known", nothing_known)
        with pytest.raises(Broken):
            run(range(300))
