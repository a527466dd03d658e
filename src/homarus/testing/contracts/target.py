"""The contract of `Target`: subclass `TargetContract` and give it a fixture ``target``."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from homarus.errors import Transient
from homarus.ports.target import Handle, PlacementState, SupervisorUnit, Target

TOKEN = "an-enrolment-token-that-must-not-show"  # noqa: S105 - planted to be looked for


def unit(bot: str = "bot_A", generation: int = 1) -> SupervisorUnit:
    """A unit whose control plane does not exist: its supervisor waits for it."""
    return SupervisorUnit(
        bot_id=bot,
        bot_name="a",
        generation=generation,
        nonce=f"nonce-{bot}-{generation}",
        memory_mb=64,
        control_url="http://127.0.0.1:9",
        gateway_url="http://127.0.0.1:9",
        enrolment_token=TOKEN,
    )


async def state(target: Target, handle: Handle) -> PlacementState | None:
    """What the target says of one placement; None: it could not tell."""
    return (await target.observe(handles=[handle])).get(str(handle.data["nonce"]))


class TargetContract:
    """Each test is a promise of the port's docstring."""

    async def test_what_was_started_is_alive_and_known(self, target: Target) -> None:
        handle = await target.start(unit=unit())
        assert await state(target, handle) is PlacementState.ALIVE
        assert list(await target.known()) == [handle]

    async def test_starting_again_starts_nothing_new(self, target: Target) -> None:
        handles = await asyncio.gather(*(target.start(unit=unit()) for _ in range(4)))
        assert all(handle == handles[0] for handle in handles)
        assert list(await target.known()) == [handles[0]]
        await target.stop(handle=handles[0], grace_s=1)
        assert await state(target, handles[0]) is PlacementState.GONE

    async def test_stop_proves_that_it_is_gone_and_may_be_repeated(self, target: Target) -> None:
        handle = await target.start(unit=unit())
        await target.stop(handle=handle, grace_s=1)
        assert await state(target, handle) is PlacementState.GONE
        await target.stop(handle=handle, grace_s=1)

    async def test_a_late_start_does_not_wake_what_was_stopped(self, target: Target) -> None:
        handle = await target.start(unit=unit())
        await target.stop(handle=handle, grace_s=1)
        assert await target.start(unit=unit()) == handle
        assert await state(target, handle) is PlacementState.GONE

    async def test_generations_of_a_bot_are_apart(self, target: Target) -> None:
        first = await target.start(unit=unit())
        await target.stop(handle=first, grace_s=1)
        second = await target.start(unit=unit(generation=2))
        assert await state(target, first) is PlacementState.GONE
        assert await state(target, second) is PlacementState.ALIVE
        await target.stop(handle=first, grace_s=1)
        assert await state(target, second) is PlacementState.ALIVE

    async def test_nothing_alive_is_forgotten(self, target: Target) -> None:
        handle = await target.start(unit=unit())
        with pytest.raises(Transient):
            await target.forget(handle=handle, destroy_state=True)
        await target.stop(handle=handle, grace_s=1)
        await target.forget(handle=handle, destroy_state=True)
        assert list(await target.known()) == []
        await target.forget(handle=handle, destroy_state=True)

    async def test_of_another_installation_it_says_nothing(self, target: Target) -> None:
        handle = await target.start(unit=unit())
        foreign = dataclasses.replace(handle, data={**handle.data, "install": "another"})
        assert await state(target, foreign) is None

    async def test_no_secret_rests_in_a_handle(self, target: Target) -> None:
        handle = await target.start(unit=unit())
        assert TOKEN not in str(handle)
