"""Carry out one action. No decision is taken here; every write is fenced by the lease.

Each step may be the last one before a crash. What a repetition finds is always enough
to go on: the placement row says how far we came, the nonce makes ``start`` repeatable,
and a handle that was never written down is found again through `Target.known`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from homarus.core.placements import Action, Phase, Placement, PlanPolicy, Trouble, Verb
from homarus.errors import ActionRequired, Outcome, Permanent, Transient
from homarus.kit.clock import Clock
from homarus.ports.machine_store import Lease, MachineStore, Row
from homarus.ports.target import Handle, Target
from homarus.reconciler.fleet import Fleet
from homarus.reconciler.rows import (
    PLACEMENT,
    data_of,
    handle_data,
    handle_of,
    placement_of,
)


def _nothing(_point: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Executor:
    """Everything that carrying out an action needs."""

    store: MachineStore
    fleet: Fleet
    targets: Mapping[str, Target]
    clock: Clock
    policy: PlanPolicy
    reached: Callable[[str], None] = _nothing
    """Told every point between two steps, so that a test can end the process there."""

    async def carry_out(self, action: Action, lease: Lease) -> None:
        """Do ``action``; trouble with the target ends up in the placement row.

        Raises:
            Stale: the lease was taken over, or the placement moved on. Nothing was lost.
        """
        row = await self.store.get(PLACEMENT, action.bot_id)
        match action.verb:
            case Verb.START:
                await self._start(action, row, lease)
            case Verb.STOP:
                await self._stop(action, row, lease)
            case Verb.REMOVE:
                await self._remove(action, row, lease)

    async def _start(self, action: Action, row: Row | None, lease: Lease) -> None:
        row = await self._written_down(action, row, lease)
        if row is None:
            return
        self.reached("placement-planned")
        try:
            target = self._target(action.target)
            unit = await self.fleet.arm(
                bot_id=action.bot_id, generation=action.generation, nonce=action.nonce
            )
            self.reached("placement-armed")
            handle = await target.start(unit=unit)
            self.reached("placement-started")
        except Outcome as fault:
            await self._note(row, fault, action, lease)
            return
        accepted = replace(placement_of(row), handle=handle_data(handle), trouble=None)
        await self._write(row, Phase.ACCEPTED, accepted, lease)
        self.reached("placement-accepted")

    async def _written_down(self, action: Action, row: Row | None, lease: Lease) -> Row | None:
        """The row in phase planned for this very action; None if the plan is out of date."""
        new = Placement(
            bot_id=action.bot_id,
            generation=action.generation,
            phase=Phase.PLANNED,
            nonce=action.nonce,
            target=action.target,
            redeploy=action.redeploy,
            isolation=action.isolation,
            runtime=action.runtime,
            created_at=self.clock.now(),
            attempt=action.attempt,
        )
        if row is None:
            return await self.store.insert(
                PLACEMENT,
                action.bot_id,
                state=Phase.PLANNED,
                group=action.bot_id,
                data=data_of(new),
            )
        old = placement_of(row).under(action.attempt)
        if old.phase is Phase.GONE and action.generation == old.generation + 1:
            return await self._write(row, Phase.PLANNED, replace(new, failures=old.failures), lease)
        same = old.generation == action.generation and old.nonce == action.nonce
        return row if same and old.phase is Phase.PLANNED else None

    async def _stop(self, action: Action, row: Row | None, lease: Lease) -> None:
        if row is None:
            return
        placement = placement_of(row).under(action.attempt)
        if placement.generation != action.generation or placement.phase is Phase.GONE:
            return
        if action.failed and placement.phase is Phase.ACCEPTED:
            placement = placement.failed_at(self.clock.now())
        if placement.phase is not Phase.STOPPING:
            row = await self._write(row, Phase.STOPPING, replace(placement, trouble=None), lease)
        self.reached("placement-stopping")
        try:
            await self.fleet.retire(bot_id=action.bot_id, generation=action.generation)
            self.reached("placement-retired")
            target = self._target(placement.target)
            handle = handle_of(placement) or await self._lost_handle(target, placement.nonce)
            if handle is not None:
                policy = self.policy
                grace = policy.kill_grace_s if action.urgent else policy.stop_grace_s
                await target.stop(handle=handle, grace_s=grace)
            self.reached("placement-stopped")
        except Outcome as fault:
            await self._note(row, fault, action, lease)
            return
        held = None if handle is None else handle_data(handle)
        gone = replace(placement_of(row), handle=held, trouble=None)
        await self._write(row, Phase.GONE, gone, lease)
        self.reached("placement-gone")

    async def _remove(self, action: Action, row: Row | None, lease: Lease) -> None:
        if row is not None:
            placement = placement_of(row)
            if placement.phase is not Phase.GONE:
                return
            handle = handle_of(placement)
            if handle is not None:
                try:
                    await self._target(placement.target).forget(handle=handle, destroy_state=True)
                except Outcome as fault:
                    await self._note(row, fault, action, lease)
                    return
            await self.store.delete(row)
        await self.fleet.remove(bot_id=action.bot_id)

    async def _lost_handle(self, target: Target, nonce: str) -> Handle | None:
        """A handle that ``start`` returned to somebody who died before writing it down."""
        for handle in await target.known():
            if handle.data.get("nonce") == nonce:
                return handle
        return None

    def _target(self, name: str) -> Target:
        target = self.targets.get(name)
        if target is None:
            known = ", ".join(sorted(self.targets))
            raise Permanent(f"There is no target {name!r} here; there are: {known}.")
        return target

    async def _note(self, row: Row, fault: Outcome, action: Action, lease: Lease) -> None:
        placement = placement_of(row).under(action.attempt)
        now = self.clock.now()
        count = placement.trouble.count + 1 if placement.trouble else 1
        pause: timedelta | None
        match fault:
            case Transient():
                kind, pause = "transient", max(fault.delay, self.policy.backoff(count))
            case ActionRequired():
                kind, pause = "action_required", self.policy.ask_again
            case _ if action.verb is Verb.START:
                kind, pause = "permanent", None
            case _:
                # Going down has no "never": what cannot be stopped is tried for ever.
                kind, pause = "transient", self.policy.backoff_most
        again_at = None if pause is None else now + pause
        trouble = Trouble(kind, fault.message, fault.hint, now, again_at, count)
        await self._write(row, placement.phase, replace(placement, trouble=trouble), lease)

    async def _write(self, row: Row, phase: Phase, placement: Placement, lease: Lease) -> Row:
        return await self.store.compare_and_set(
            row, state=phase, data=data_of(placement), lease=lease
        )
