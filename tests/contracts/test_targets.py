"""Every target, and the simulated one, keeps the contract of the port."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from homarus.adapters.targets.local.target import LocalTarget
from homarus.adapters.targets.null.target import NullTarget, Script
from homarus.errors import Permanent, Transient
from homarus.ports.target import PlacementState, Target
from homarus.testing.clock import VirtualClock
from homarus.testing.contracts.target import TOKEN, TargetContract, state, unit


class TestNullTarget(TargetContract):
    @pytest.fixture
    def target(self) -> Target:
        return NullTarget(install_id="i", clock=VirtualClock())

    async def test_it_misbehaves_as_scripted(self) -> None:
        script = Script()
        target = NullTarget(install_id="i", clock=VirtualClock(), script=script)
        handle = await target.start(unit=unit())
        nonce = str(handle.data["nonce"])
        script.silent.add(nonce)
        assert await state(target, handle) is None
        script.silent.clear()
        script.lies[nonce] = PlacementState.GONE
        assert await state(target, handle) is PlacementState.GONE
        script.lies.clear()
        target.platform.kill(nonce, leaving=PlacementState.LEFTOVERS)
        assert await state(target, handle) is PlacementState.LEFTOVERS
        script.unstoppable.add(nonce)
        with pytest.raises(Transient):
            await target.stop(handle=handle, grace_s=1)
        script.refuse_start = Permanent("quota of zero")
        with pytest.raises(Permanent):
            await target.start(unit=unit(generation=2))


class TestLocalTarget(TargetContract):
    @pytest.fixture
    async def target(self) -> AsyncIterator[Target]:
        home = Path(tempfile.mkdtemp(prefix="hom", dir="/var/tmp"))
        target = LocalTarget(home=home, install_id="i")
        yield target
        for handle in await target.known():
            await target.stop(handle=handle, grace_s=1)
        shutil.rmtree(home)

    async def test_the_token_is_nowhere_on_disk(self, target: LocalTarget) -> None:
        await target.start(unit=unit())
        for path in target._home.rglob("*"):
            assert not path.is_file() or TOKEN.encode() not in path.read_bytes()

    async def test_a_folder_under_another_nonce_is_not_touched(self, target: LocalTarget) -> None:
        handle = await target.start(unit=unit())
        other = LocalTarget(home=target._home, install_id="someone else")
        with pytest.raises(Permanent):
            await other.start(unit=unit())
        assert list(await other.known()) == []
        assert await state(target, handle) is PlacementState.ALIVE


async def test_a_slow_platform_takes_virtual_time() -> None:
    clock = VirtualClock()
    script = Script(slow=timedelta(minutes=5))
    target = NullTarget(install_id="i", clock=clock, script=script)
    before = clock.now()

    task = asyncio.create_task(target.start(unit=unit()))
    await clock.advance(timedelta(minutes=5))
    await task
    assert clock.now() - before >= timedelta(minutes=5)
