"""The loop: look, plan, show, enqueue; and the workers that carry out what was enqueued.

`Reconciler.run_pass` takes no input. Events only wake it, a full pass runs on a period,
and there are no retries inside a pass: the next pass is the retry.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from homarus.core.bot_states import BotState
from homarus.core.placements import Action, Observed, Phase, Placement, Plan, PlanPolicy, Wish
from homarus.core.planning import plan
from homarus.core.specs import DesiredState
from homarus.errors import Conflict, IllegalTransition, Stale, Transient
from homarus.kit.clock import Clock
from homarus.ports.machine_store import MachineStore
from homarus.ports.target import Handle, Target
from homarus.reconciler.actions import Executor
from homarus.reconciler.fleet import Fleet
from homarus.reconciler.rows import (
    ACTION,
    PAGE,
    PLACEMENT,
    action_data,
    action_of,
    every,
    handle_of,
    placement_of,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """How often, how many, how long."""

    policy: PlanPolicy = field(default_factory=PlanPolicy)
    full_pass_every: timedelta = timedelta(seconds=10)
    """Longest wait between two passes; bounds how long a lost wake-up goes unnoticed."""
    pass_pause: timedelta = timedelta(milliseconds=50)
    """Shortest pause between two passes."""
    workers: int = 8
    action_lease: timedelta = timedelta(seconds=90)
    """Longer than any single action takes; a dead worker's action is taken over after it."""
    adoption_window: timedelta = timedelta(seconds=40)
    """After a start of the control plane, nobody is called absent for this long."""


class Reconciler:
    """One per control plane. Several may run on one store: leases and versions keep them apart."""

    def __init__(
        self,
        *,
        store: MachineStore,
        fleet: Fleet,
        targets: Mapping[str, Target],
        clock: Clock,
        name: str,
        settings: LoopSettings | None = None,
        salt: Callable[[], str] = lambda: secrets.token_hex(16),
        reached: Callable[[str], None] | None = None,
    ) -> None:
        self._store = store
        self._fleet = fleet
        self._targets = targets
        self._clock = clock
        self._name = name
        self._settings = settings or LoopSettings()
        self._policy = self._settings.policy
        self._salt = salt
        self._started = clock.now()
        self._parked = False
        self._wake = asyncio.Event()
        self._work = asyncio.Event()
        self._executor = Executor(store, fleet, targets, clock, self._policy)
        if reached is not None:
            self._executor = replace(self._executor, reached=reached)

    def wake(self) -> None:
        """Ask for a pass soon. Many calls before the next pass are one."""
        self._wake.set()

    async def run(self) -> None:
        """Run until cancelled: the passes, and the workers beside them."""
        async with asyncio.TaskGroup() as group:
            for number in range(self._settings.workers):
                group.create_task(self._worker(f"{self._name}/{number}"))
            group.create_task(self._alarm())
            while True:
                self._wake.clear()
                began = self._clock.monotonic()
                await self._guarded_pass()
                took = timedelta(seconds=self._clock.monotonic() - began)
                # A storm of events must not turn into a storm of passes: at most half of the
                # time is spent passing, however large the fleet is.
                await self._clock.sleep(max(self._settings.pass_pause, took))
                await self._wake.wait()

    async def park(self, *, within: timedelta) -> bool:
        """Stop every bot without changing what is wished, for the end of this control plane.

        Returns whether nothing of any bot runs any more; False when ``within`` was too short.
        `run` must be running: it does the work.
        """
        self._parked = True
        end = self._clock.monotonic() + within.total_seconds()
        while self._clock.monotonic() < end:
            self.wake()
            if all([row.state == Phase.GONE async for row in every(self._store, PLACEMENT)]):
                return True
            await self._clock.sleep(timedelta(milliseconds=100))
        return False

    async def run_pass(self) -> Plan:
        """Look at everything once, show it, and enqueue what is to be done."""
        wishes = await self._wishes()
        observed = await self._observe()
        orphans = [_orphan(p) for p in observed.placements.values() if p.bot_id not in wishes]
        made = plan(
            [*wishes.values(), *orphans],
            observed,
            policy=self._policy,
            now=self._clock.now(),
            salt=self._salt(),
        )
        for verdict in made.verdicts:
            wish = wishes.get(verdict.bot_id)
            if wish is not None and (wish.shown, wish.shown_reason) != (
                verdict.state,
                verdict.reason,
            ):
                await self._show(verdict.bot_id, verdict.state, verdict.reason)
        for action in made.actions:
            await self._enqueue(action)
        return made

    async def work_once(self, worker: str) -> bool:
        """Claim and carry out one queued action; False when there was none to claim."""
        async for row in every(self._store, ACTION):
            now = self._clock.now()
            lease = await self._store.claim(
                ACTION, row.key, owner=worker, now=now, length=self._settings.action_lease
            )
            if lease is None:
                continue
            action = action_of(row)
            try:
                await self._executor.carry_out(action, lease)
            except Stale as late:
                log.info("action_superseded", bot=action.bot_id, verb=action.verb, why=str(late))
            try:
                await self._store.delete(row)
            except Stale:
                log.info("action_taken_over", bot=action.bot_id, verb=action.verb)
            await self._store.release(lease)
            self.wake()
            return True
        return False

    async def _wishes(self) -> dict[str, Wish]:
        wishes: dict[str, Wish] = {}
        after = ""
        while True:
            page = await self._fleet.wishes(after=after, limit=PAGE)
            if self._parked:
                page = [replace(wish, desired=DesiredState.STOPPED) for wish in page]
            wishes.update((wish.bot_id, wish) for wish in page)
            if len(page) < PAGE:
                return wishes
            after = page[-1].bot_id

    async def _observe(self) -> Observed:
        placements = {row.key: placement_of(row) async for row in every(self._store, PLACEMENT)}
        sightings: dict[str, str] = {}
        for name, target in self._targets.items():
            handles = [
                handle
                for p in placements.values()
                if p.target == name and p.phase is Phase.ACCEPTED and (handle := handle_of(p))
            ]
            if handles:
                sightings.update(await self._sightings(target, handles))
        started = self._clock.now() - self._started
        return Observed(
            placements=placements,
            sightings=sightings,
            links=await self._fleet.links(),
            adopting=started < self._settings.adoption_window,
        )

    async def _sightings(self, target: Target, handles: Sequence[Handle]) -> Mapping[str, str]:
        try:
            return await target.observe(handles=handles)
        except Transient as fault:
            # A target that cannot tell is a target about which we know nothing: not "gone".
            log.warning("target_cannot_tell", target=target.name, why=fault.message)
            return {}

    async def _show(self, bot_id: str, state: BotState, reason: str) -> None:
        try:
            await self._fleet.record(bot_id=bot_id, state=state, reason=reason)
        except IllegalTransition as moved_on:
            log.info("state_not_shown", bot=bot_id, why=moved_on.message)

    async def _enqueue(self, action: Action) -> None:
        try:
            await self._store.insert(
                ACTION,
                action.bot_id,
                state="queued",
                group=action.bot_id,
                data=action_data(action),
            )
        except Conflict:
            return  # an action on this bot is in progress; its end wakes the next pass
        self._work.set()

    async def _guarded_pass(self) -> None:
        try:
            await self.run_pass()
        except Exception:
            log.exception("pass_failed")

    async def _worker(self, name: str) -> None:
        while True:
            # Cleared before looking: what is enqueued while we look is looked for again.
            self._work.clear()
            try:
                worked = await self.work_once(name)
            except Exception:
                log.exception("action_failed")
                worked = False
            if not worked:
                await self._work.wait()

    async def _alarm(self) -> None:
        """Wake passes and workers on the period, whatever events got lost."""
        while True:
            await self._clock.sleep(self._settings.full_pass_every)
            self._work.set()
            self._wake.set()


def _orphan(placement: Placement) -> Wish:
    """A placement whose bot is unknown (a removed bot's late action): it goes down."""
    return Wish(
        bot_id=placement.bot_id,
        desired=DesiredState.STOPPED,
        deleted=True,
        target=placement.target,
        isolation=placement.isolation,
        runtime=placement.runtime,
        digest="",
        redeploy=placement.redeploy,
        attempt=placement.attempt,
        shown=BotState.DELETING,
        shown_reason="",
    )
