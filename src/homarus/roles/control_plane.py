"""The control plane put together: store, services, application, and what runs beside it.

Used by the ``api`` role and by tests that want the real thing in one process.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from homarus.adapters.catalog import RUNTIMES, load_runtime_model
from homarus.domains.bot.capacity import Capacity
from homarus.domains.bot.control import BotControl
from homarus.domains.bot.listing import BotListing, using_secret
from homarus.domains.bot.service import BotParts, BotService
from homarus.domains.budget.service import BudgetService
from homarus.domains.call.hub import GatewayHub
from homarus.domains.call.keys import BotKeys
from homarus.domains.call.service import CallService, GatewayService
from homarus.domains.placement.fleet import StoredFleet
from homarus.domains.placement.hub import SessionHub
from homarus.domains.placement.service import Addresses, PlacementParts, PlacementService
from homarus.domains.provider import probe
from homarus.domains.provider.discovery import USUAL_PLACES, Discovery, Place
from homarus.domains.provider.service import ProviderService
from homarus.domains.secret.boxes import Boxes
from homarus.domains.secret.master_key import KeySource
from homarus.domains.turn.hub import AnswerHub
from homarus.domains.turn.service import TurnParts, TurnService
from homarus.http.about import Addresses as About
from homarus.http.app import build_app
from homarus.http.foundation import Foundation, lay_foundation
from homarus.kit.clock import Clock
from homarus.kit.files import write_atomic
from homarus.monitor.checks import Checks
from homarus.monitor.doctor import Doctor
from homarus.ports.target import Target
from homarus.reconciler.loop import LoopSettings, Reconciler
from homarus.roles import faults
from homarus.roles.machine_checks import MachineChecks
from homarus.roles.neighbours import Neighbourhood
from homarus.roles.sweeper import Sweeper
from homarus.store.engine import Store
from homarus.store.installation import installation
from homarus.store.machine_store import SqlMachineStore
from homarus.web.parts import Access


@dataclass(frozen=True, slots=True)
class Options:
    """What a control plane is told from outside."""

    home: Path
    database: str
    port: int
    gateway_port: int
    master_key: str | None = None
    """From the environment; absent: the file under ``home``."""
    demo_port: int | None = None
    """Where the demo model listens, if there is one."""
    local_servers: tuple[Place, ...] = USUAL_PLACES
    """Where model servers of this machine are looked for."""

    @property
    def control_url(self) -> str:
        """Where supervisors, gateways and people reach the API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway_url(self) -> str:
        """Where bots reach the AI gateway."""
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def ports(self) -> tuple[int, ...]:
        """Every port that Homarus itself listens on."""
        return (
            self.port,
            self.gateway_port,
            *(() if self.demo_port is None else (self.demo_port,)),
        )

    @property
    def access(self) -> Access:
        """By which addresses the API may be called."""
        names = [f"127.0.0.1:{self.port}", f"localhost:{self.port}"]
        return Access(
            hosts=frozenset(names),
            origins=frozenset(f"http://{name}" for name in names),
            secure=False,
        )


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """Everything of one control plane; `run` runs what is not a request."""

    store: Store
    foundation: Foundation
    app: FastAPI
    reconciler: Reconciler
    sweeper: Sweeper
    gateways: GatewayService
    placements: PlacementService

    async def run(self) -> None:
        """Sequencer, reconciler and sweeper, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.foundation.sequencer.run())
            group.create_task(self.reconciler.run())
            group.create_task(self.sweeper.run())


MakeTargets = Callable[[str], Mapping[str, Target]]
"""Makes the targets of an installation, given its id."""


async def open_control_plane(
    options: Options, clock: Clock, make_targets: MakeTargets, *, loop: LoopSettings | None = None
) -> ControlPlane:
    """Open the store and make everything over it; nothing runs yet.

    Raises:
        StoreTooNew, AlreadyRunning, MasterKeyProblem, HomeNotWritable, DiskFull, Unavailable:
            nothing was changed; see `homarus.errors`.
    """
    store = await Store.open(options.database)
    try:
        return await _assemble(store, options, clock, make_targets, loop)
    except BaseException:
        await store.close()
        raise


async def _assemble(
    store: Store,
    options: Options,
    clock: Clock,
    make_targets: MakeTargets,
    loop: LoopSettings | None,
) -> ControlPlane:
    # One store file, one control plane (its lock sees to that): under the same name the next
    # one takes over at once what this one had leased. On PostgreSQL each has its own.
    alone = store.dialect == "sqlite"
    name = "control-plane" if alone else f"{socket.gethostname()}/{os.getpid()}"
    source = KeySource(options.home / "master.key", options.master_key)
    foundation = await lay_foundation(
        store, clock, master_key=source, instance=name, users_of_secret=using_secret
    )
    ours = await installation(store)
    targets = make_targets(ours.id)
    boxes = Boxes(foundation.master)
    wake = Wake()
    models = _model_side(store, clock, boxes, bytes.fromhex(ours.key_salt))
    bots = _bot_side(store, clock, options, foundation, models, targets, wake)
    await bots.placements.remember()
    reconciler = Reconciler(
        store=SqlMachineStore(store),
        fleet=StoredFleet(store, bots.control, bots.placements, bots.sessions),
        targets=targets,
        clock=clock,
        name=name,
        settings=loop,
        reached=faults.at,
    )
    wake.call = reconciler.wake
    app = build_app(
        store=store,
        clock=clock,
        access=options.access,
        authenticator=foundation.identity,
        numbered=foundation.sequencer.numbered,
        services=[
            *foundation.services(),
            *models.services(),
            *bots.services(),
            About(options.control_url, options.gateway_url),
            Discovery(options.local_servers, ours=options.ports),
            _doctor(store, clock, options, models, bots),
        ],
    )
    sweeper = Sweeper(store, clock, bots.turns)
    return ControlPlane(
        store, foundation, app, reconciler, sweeper, models.gateways, bots.placements
    )


@dataclass(frozen=True, slots=True)
class _ModelSide:
    """Everything about model calls."""

    hub: GatewayHub
    boxes: Boxes
    budgets: BudgetService
    providers: ProviderService
    keys: BotKeys
    gateways: GatewayService
    calls: CallService

    def services(self) -> list[object]:
        """What endpoints of these nouns ask for."""
        return [self.hub, self.budgets, self.providers, self.gateways, self.calls]


def _model_side(store: Store, clock: Clock, boxes: Boxes, salt: bytes) -> _ModelSide:
    hub = GatewayHub(clock)

    def recall(budget_id: str) -> None:
        hub.recall(budget_id)

    budgets = BudgetService(clock, changed=hub.changed, recall=recall)
    providers = ProviderService(clock, boxes=boxes, probe=probe.ask, changed=hub.changed)
    return _ModelSide(
        hub=hub,
        boxes=boxes,
        budgets=budgets,
        providers=providers,
        keys=BotKeys(clock, pepper=salt, changed=hub.changed),
        gateways=GatewayService(store, clock, hub, budgets, providers, pepper=salt),
        calls=CallService(clock, budgets),
    )


@dataclass(frozen=True, slots=True)
class _BotSide:
    """Everything about bots."""

    sessions: SessionHub
    bots: BotService
    listing: BotListing
    capacity: Capacity
    control: BotControl
    turns: TurnService
    placements: PlacementService

    def services(self) -> list[object]:
        """What endpoints of these nouns ask for."""
        return [
            self.sessions,
            self.bots,
            self.listing,
            self.capacity,
            self.turns,
            self.placements,
        ]


def _bot_side(
    store: Store,
    clock: Clock,
    options: Options,
    foundation: Foundation,
    models: _ModelSide,
    targets: Mapping[str, Target],
    wake: Wake,
) -> _BotSide:
    sessions = SessionHub(clock)

    def bot_changed(bot_id: str) -> None:
        sessions.nudge(bot_id)
        wake()

    runtimes = {runtime: load_runtime_model(runtime) for runtime in RUNTIMES}
    capacity = Capacity(targets, runtimes)
    bots = BotService(
        BotParts(
            clock=clock,
            runtimes=runtimes,
            targets=targets,
            neighbours=_neighbours(foundation, models),
            changed=bot_changed,
        )
    )
    control = BotControl(clock, foundation.operations)
    turns = TurnService(
        TurnParts(
            clock=clock,
            bots=bots,
            answers=AnswerHub(),
            nudge=sessions.nudge,
            connected=sessions.connected,
        )
    )
    placements = PlacementService(
        PlacementParts(
            store=store,
            clock=clock,
            bots=control,
            turns=turns,
            keys=models.keys,
            secrets=foundation.secrets,
            boxes=models.boxes,
            hub=sessions,
            addresses=Addresses(options.control_url, options.gateway_url),
            wake=wake,
        )
    )
    return _BotSide(sessions, bots, BotListing(clock), capacity, control, turns, placements)


def _neighbours(foundation: Foundation, models: _ModelSide) -> Neighbourhood:
    return Neighbourhood(
        providers=models.providers,
        stored_secrets=foundation.secrets,
        users=foundation.users,
        budgets=models.budgets,
        keys=models.keys,
        gateways=models.hub,
        operations=foundation.operations,
    )


def _doctor(
    store: Store, clock: Clock, options: Options, models: _ModelSide, bots: _BotSide
) -> Doctor:
    checks = Checks(
        store=store,
        clock=clock,
        bots=bots.bots,
        providers=models.providers,
        sessions=bots.sessions,
        control_url=options.control_url,
        gateway_url=options.gateway_url,
        workers=lambda: models.hub.workers,
    )
    return Doctor([*MachineChecks(options.home).all(), *checks.all()])


class Wake:
    """A wake-up call that may be handed out before the one it wakes is made."""

    def __init__(self) -> None:
        self.call: Callable[[], None] = lambda: None

    def __call__(self) -> None:
        self.call()


def announce(options: Options) -> None:
    """Write where supervisors that outlived an earlier control plane find this one."""
    where = {"control_url": options.control_url, "gateway_url": options.gateway_url}
    folder = options.home / "run"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomic(folder / "endpoint.json", json.dumps(where).encode())
