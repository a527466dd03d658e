"""A whole control plane against a hostile world, in virtual time, from one seed.

`Simulation(seed)` builds a store, a world of supervisors and two control planes that
share it, lets people ask for things and faults happen, checks the invariants after every
step, and at the end lets the dust settle and checks that wishes came true. The same seed
gives the same run, step by step.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from homarus.core.bot_states import BotState, step
from homarus.core.placements import Link, Wish
from homarus.core.specs import DesiredState
from homarus.errors import ActionRequired, Permanent, Stale, Transient
from homarus.ports.machine_store import Lease, Row
from homarus.ports.target import Capabilities, Handle, PlacementState, SupervisorUnit
from homarus.reconciler.loop import LoopSettings, Reconciler
from homarus.testing.clock import VirtualClock, settle
from homarus.testing.machine_store import MemoryMachineStore

TARGET = "sim"


class Crash(BaseException):
    """The control plane dies here. Not an Exception, so that no boundary catches it."""


class Broken(AssertionError):
    """An invariant does not hold; the message carries the seed that shows it again."""


@dataclass(slots=True)
class Supervisor:
    """One supervisor as the world has it: what really runs, whatever anyone believes."""

    unit: SupervisorUnit
    alive: bool = True
    enrolled: bool = False
    runtime: bool = False
    leftovers: bool = False
    run: str = "waiting"
    stuck: bool = False

    @property
    def running(self) -> bool:
        """Whether anything of the bot's runtime runs, watched or not."""
        return (self.alive and self.runtime) or self.leftovers


@dataclass(slots=True)
class Bot:
    """A bot as its owner and the screen see it."""

    bot_id: str
    desired: DesiredState = DesiredState.RUNNING
    deleted: bool = False
    redeploy: int = 0
    attempt: int = 0
    shown: BotState = BotState.PENDING
    reason: str = ""


class World:
    """The machine, its supervisors, the bots' table and every fault, all from one generator."""

    def __init__(self, clock: VirtualClock, rng: random.Random) -> None:
        self.clock, self.rng = clock, rng
        self.bots: dict[str, Bot] = {}
        self.supervisors: dict[str, Supervisor] = {}
        self.current: dict[str, int] = {}
        self.retired: set[tuple[str, int]] = set()
        self.destroyed: list[str] = []
        self.faults = 0.0
        self.crashing = False

    def chance(self, share: float) -> bool:
        """True for ``share`` of the calls, while faults are on."""
        return self.rng.random() < share * self.faults

    def maybe_crash(self) -> None:
        """A control plane may die at any call it makes, before or after its effect."""
        if self.crashing and self.chance(0.03):
            raise Crash

    def of_bot(self, bot_id: str) -> list[Supervisor]:
        """Every supervisor that was ever started for a bot."""
        return [s for s in self.supervisors.values() if s.unit.bot_id == bot_id]

    def live(self) -> None:
        """Let every supervisor do what it does by itself for a moment."""
        for supervisor in self.supervisors.values():
            if supervisor.alive and not supervisor.stuck:
                self._live(supervisor)

    def _live(self, supervisor: Supervisor) -> None:
        unit = supervisor.unit
        place = (unit.bot_id, unit.generation)
        fenced = place in self.retired or self.current.get(unit.bot_id) != unit.generation
        if fenced and not supervisor.enrolled:
            supervisor.alive = False  # its enrolment is refused: it never ran anything
            return
        supervisor.enrolled = True
        bot = self.bots.get(unit.bot_id)
        if fenced or bot is None:
            supervisor.runtime, supervisor.alive = False, False
            return
        if supervisor.run == "failed":
            return
        supervisor.runtime = bot.desired is not DesiredState.STOPPED
        supervisor.run = {"waiting": "starting", "starting": "running"}.get(
            supervisor.run, "running"
        )
        if bot.desired is DesiredState.PAUSED and supervisor.run == "running":
            supervisor.run = "paused"

    def break_something(self) -> None:
        """One fault that needs nobody's call: a death, a freeze, a reboot, a clock jump."""
        alive = [s for s in self.supervisors.values() if s.alive]
        if self.chance(0.15) and alive:
            victim = self.rng.choice(alive)
            victim.leftovers = victim.runtime and self.rng.random() < 0.5
            victim.alive = victim.runtime = False
        if self.chance(0.1) and alive:
            victim = self.rng.choice(alive)
            victim.stuck = not victim.stuck
        if self.chance(0.02):
            for supervisor in self.supervisors.values():
                supervisor.alive = supervisor.runtime = supervisor.leftovers = False
        if self.chance(0.02):
            self.clock.jump(timedelta(seconds=self.rng.randint(-300, 300)))


class SimTarget:
    """`homarus.ports.target.Target` over the world; may be slow, lying by omission, or dead."""

    name = TARGET

    def __init__(self, world: World) -> None:
        self._world = world

    def capabilities(self) -> Capabilities:
        return Capabilities(isolation=frozenset({"sandbox"}), max_memory_mb=None)

    async def start(self, *, unit: SupervisorUnit) -> Handle:
        world = self._world
        await self._delay()
        if world.chance(0.1):
            raise Transient("the platform is busy", delay=timedelta(seconds=1))
        if world.chance(0.03):
            raise ActionRequired("a quota is used up", hint="Ask for more.")
        if world.chance(0.02):
            raise Permanent("this can never start here")
        known = world.supervisors.get(unit.nonce)
        if known is None:
            world.supervisors[unit.nonce] = Supervisor(unit)
        await self._delay()
        world.maybe_crash()
        return _handle(unit)

    async def observe(self, *, handles: Sequence[Handle]) -> Mapping[str, PlacementState]:
        world = self._world
        await self._delay()
        if world.chance(0.1):
            raise Transient("the platform does not answer", delay=timedelta(seconds=1))
        seen = {}
        for handle in handles:
            supervisor = world.supervisors.get(str(handle.data["nonce"]))
            if supervisor is None or world.chance(0.1):
                continue
            if supervisor.alive:
                seen[supervisor.unit.nonce] = PlacementState.ALIVE
            elif supervisor.leftovers:
                seen[supervisor.unit.nonce] = PlacementState.LEFTOVERS
            else:
                seen[supervisor.unit.nonce] = PlacementState.GONE
        return seen

    async def stop(self, *, handle: Handle, grace_s: float) -> None:
        world = self._world
        await self._delay()
        if world.chance(0.1):
            raise Transient("something still runs", delay=timedelta(seconds=1))
        supervisor = world.supervisors.get(str(handle.data["nonce"]))
        if supervisor is not None:
            supervisor.alive = supervisor.runtime = supervisor.leftovers = False
        world.maybe_crash()

    async def forget(self, *, handle: Handle, destroy_state: bool) -> None:
        world = self._world
        await self._delay()
        supervisor = world.supervisors.get(str(handle.data["nonce"]))
        if supervisor is not None and (supervisor.alive or supervisor.leftovers):
            raise Transient("it still runs", delay=timedelta(seconds=1))
        if destroy_state and supervisor is not None:
            world.destroyed.append(supervisor.unit.bot_id)
        world.maybe_crash()

    async def known(self) -> Sequence[Handle]:
        await self._delay()
        return [_handle(s.unit) for s in self._world.supervisors.values()]

    async def _delay(self) -> None:
        self._world.maybe_crash()
        if self._world.chance(0.2):
            pause = self._world.rng.choice((0.1, 1.0, 20.0, 120.0))
            await self._world.clock.sleep(timedelta(seconds=pause))


def _handle(unit: SupervisorUnit) -> Handle:
    return Handle(TARGET, 1, {"nonce": unit.nonce, "bot": unit.bot_id})


class SimFleet:
    """`homarus.reconciler.fleet.Fleet` over the world's table of bots."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def wishes(self, *, after: str, limit: int) -> Sequence[Wish]:
        self._world.maybe_crash()
        bots = sorted((b for b in self._world.bots.values() if b.bot_id > after), key=_by_id)
        return [_wish(bot) for bot in bots[:limit]]

    async def links(self) -> Mapping[str, Link]:
        world = self._world
        found = {}
        for s in world.supervisors.values():
            if world.current.get(s.unit.bot_id) == s.unit.generation and s.enrolled:
                found[s.unit.bot_id] = Link(
                    generation=s.unit.generation,
                    live=s.alive and not s.stuck,
                    since=world.clock.now(),
                    run=s.run,
                    reason="",
                    applied="d1",
                    rejected="",
                )
        return found

    async def record(self, *, bot_id: str, state: BotState, reason: str) -> None:
        self._world.maybe_crash()
        bot = self._world.bots.get(bot_id)
        if bot is not None:
            bot.shown, bot.reason = step(bot.shown, state), reason

    async def arm(self, *, bot_id: str, generation: int, nonce: str) -> SupervisorUnit:
        world = self._world
        world.maybe_crash()
        if world.current.get(bot_id, 0) > generation or (bot_id, generation) in world.retired:
            raise Stale(f"generation {generation} of {bot_id} is over")
        world.current[bot_id] = generation
        return SupervisorUnit(
            bot_id=bot_id,
            bot_name=bot_id,
            generation=generation,
            nonce=nonce,
            memory_mb=64,
            control_url="",
            gateway_url="",
            enrolment_token="t",  # noqa: S106 - no secret: nothing checks it here
        )

    async def retire(self, *, bot_id: str, generation: int) -> None:
        self._world.maybe_crash()
        self._world.retired.add((bot_id, generation))

    async def remove(self, *, bot_id: str) -> None:
        self._world.maybe_crash()
        self._world.bots.pop(bot_id, None)


def _by_id(bot: Bot) -> str:
    return bot.bot_id


def _wish(bot: Bot) -> Wish:
    return Wish(
        bot_id=bot.bot_id,
        desired=bot.desired,
        deleted=bot.deleted,
        target=TARGET,
        isolation="sandbox",
        runtime="echo",
        digest="d1",
        redeploy=bot.redeploy,
        attempt=bot.attempt,
        shown=bot.shown,
        shown_reason=bot.reason,
    )


class FaultyStore(MemoryMachineStore):
    """The machine store of a control plane that may die before or after any write."""

    def __init__(self, shared: MemoryMachineStore, world: World) -> None:
        super().__init__()
        self._rows, self._leases = shared._rows, shared._leases
        self._world = world

    async def compare_and_set(
        self, row: Row, *, state: str, data: Mapping[str, object], lease: Lease | None = None
    ) -> Row:
        self._world.maybe_crash()
        written = await super().compare_and_set(row, state=state, data=data, lease=lease)
        self._world.maybe_crash()
        return written


class Simulation:
    """One seed's run. Call `run`; it raises `Broken` when an invariant does not hold."""

    def __init__(self, seed: int, *, bots: int = 3, steps: int = 60) -> None:
        self.seed, self.steps = seed, steps
        self.rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.clock = VirtualClock()
        self.world = World(self.clock, self.rng)
        self.store = MemoryMachineStore()
        self.deleted: set[str] = set()
        for number in range(bots):
            bot_id = f"bot_{number}"
            self.world.bots[bot_id] = Bot(bot_id)
        self.planes = [self._plane(0), self._plane(1)]

    def _plane(self, number: int) -> Reconciler:
        return Reconciler(
            store=FaultyStore(self.store, self.world),
            fleet=SimFleet(self.world),
            targets={TARGET: SimTarget(self.world)},
            clock=self.clock,
            name=f"plane{number}-{self.rng.randrange(10**9)}",
            settings=LoopSettings(workers=1),
            salt=lambda: str(self.rng.random()),
        )

    async def run(self) -> None:
        """Faults for ``steps`` steps, then calm; invariants after every step."""
        self.world.faults, self.world.crashing = 1.0, True
        for _ in range(self.steps):
            await self._step()
        self.world.faults, self.world.crashing = 0.0, False
        for bot in self.world.bots.values():
            bot.attempt += 1
        for supervisor in self.world.supervisors.values():
            supervisor.stuck = False
        for _ in range(30):
            await self._step(timedelta(seconds=30))
        self._check_settled()

    async def _step(self, pause: timedelta | None = None) -> None:
        if self.world.faults:
            self._people()
            self.world.break_something()
        self.world.live()
        await self._turns()
        self._check()
        await self.clock.advance(pause or timedelta(seconds=self.rng.choice((0.5, 5, 40))))
        self._check()

    async def _turns(self) -> None:
        """Both control planes act at once, interleaved at every pause; a dead one is replaced."""
        acting = [asyncio.create_task(self._act(number)) for number in range(2)]
        await settle()
        while not all(task.done() for task in acting):
            await self.clock.advance_to_next()
        for task in acting:
            task.result()

    async def _act(self, number: int) -> None:
        try:
            await self.planes[number].run_pass()
            while await self.planes[number].work_once(f"w{number}-{id(self.planes[number])}"):
                self._check()
        except Crash:
            self.planes[number] = self._plane(number)

    def _people(self) -> None:
        if not self.world.bots or self.rng.random() > 0.3:
            return
        bot = self.rng.choice(list(self.world.bots.values()))
        if bot.deleted:
            return
        wish = self.rng.random()
        if wish < 0.05:
            bot.deleted = True
            self.deleted.add(bot.bot_id)
        elif wish < 0.2:
            bot.redeploy += 1
        else:
            bot.desired = self.rng.choice(list(DesiredState))
            bot.attempt += 1
            if bot.desired is not DesiredState.STOPPED and bot.shown in (
                BotState.STOPPED,
                BotState.FAILED,
            ):
                bot.shown = BotState.PENDING

    def _check(self) -> None:
        """What must hold at every moment, whatever happened."""
        world = self.world
        for bot_id in {s.unit.bot_id for s in world.supervisors.values()}:
            running = [s for s in world.of_bot(bot_id) if s.running]
            self._must(len(running) <= 1, f"{bot_id} runs {len(running)} times at once")
        for bot_id in world.destroyed:
            self._must(bot_id in self.deleted, f"{bot_id} lost its files unasked")
            self._must(
                not any(s.running for s in world.of_bot(bot_id)),
                f"{bot_id} runs although its files were destroyed",
            )

    def _check_settled(self) -> None:
        """What must hold when the faults have been over for a while."""
        for bot in self.world.bots.values():
            self._must(not bot.deleted, f"{bot.bot_id} was deleted and is still there")
            running = [s for s in self.world.of_bot(bot.bot_id) if s.running]
            want = 0 if bot.desired is DesiredState.STOPPED else 1
            told = f"{bot.bot_id} {bot.desired}/{bot.shown} ({bot.reason})"
            self._must(len(running) == want, f"{told}: {len(running)} run")
            shown = {"running": BotState.RUNNING, "paused": BotState.PAUSED}.get(
                bot.desired.value, BotState.STOPPED
            )
            self._must(bot.shown is shown, f"{told}: shown wrongly")
        for bot_id in self.deleted:
            self._must(bot_id not in self.world.bots, f"{bot_id} was never removed")

    def _must(self, holds: bool, words: str) -> None:
        if not holds:
            raise Broken(f"seed {self.seed}: {words}")
