"""The life of one supervisor: own the folder, clear what is left, enrol, serve, leave."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import platform
import random
import signal
import socket
from importlib.metadata import version
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from homarus.errors import Unauthenticated, Unavailable
from homarus.kit.clock import Clock
from homarus.kit.files import write_atomic
from homarus.protocol import supervisor as wire
from homarus.protocol.identity import Enrolled
from homarus.supervisor import ownership
from homarus.supervisor.admission import Admission
from homarus.supervisor.apply import HostLoader, Workbench
from homarus.supervisor.conductor import Conductor
from homarus.supervisor.faults import Faults
from homarus.supervisor.folders import Arrival, Folders, Placement, read_endpoint
from homarus.supervisor.gateway_watch import GatewayWatch, accepts_connections
from homarus.supervisor.inventory import InventoryWatch
from homarus.supervisor.journal import Journal
from homarus.supervisor.procfs import boot_id
from homarus.supervisor.refusals import refusal
from homarus.supervisor.reporting import Reporter
from homarus.supervisor.secrets import SecretSocket, Vault
from homarus.supervisor.session import Session, enrol
from homarus.supervisor.supply import Supply
from homarus.supervisor.sweep import nonces, sweep
from homarus.supervisor.turns import Turns

log = logging.getLogger(__name__)
ALREADY_OWNED, ENDED, NOT_CLEAN, NOT_ENROLLED = 0, 0, 3, 4
_CLEAR_WITHIN_S = 30.0
_ENROL_WITHIN_S = 900.0


async def supervise(
    *,
    folders: Folders,
    placement: Placement,
    arrival: Arrival | None,
    run_lock: int | None,
    loader: HostLoader,
    clock: Clock,
    faults: Faults,
) -> int:
    """Run until told to end; return the exit code.

    ``run_lock`` is the inherited, already taken lock; without it we take it ourselves. Whoever
    comes second for a generation, or for a bot whose other generation lives, exits 0 and
    touches nothing. ``arrival`` is absent when this generation enrolled before.
    """
    lock = ownership.take(folders.run_lock) if run_lock is None else run_lock
    faults.at("run-lock-taken")
    if lock is None or folders.stopped.exists():
        log.info("already owned or stopped")
        return ALREADY_OWNED
    state_lock = await _state_lock(folders)
    if state_lock is None:
        return ALREADY_OWNED if _another_lives(folders) else NOT_CLEAN
    faults.at("state-lock-taken")
    ownership.write_owner(folders.owner, install_id=placement.install_id, nonce=placement.nonce)
    faults.at("owner-written")
    if not await sweep(folders.bot_run, nonces(folders.bot_run)):
        log.error("a predecessor left processes that cannot be ended")
        return NOT_CLEAN
    faults.at("swept")
    key = _key(folders.key)
    facts = _facts()
    try:
        enrolled = await _enrolled(folders, arrival, key, facts)
    except Unauthenticated as fault:
        log.error("%s", fault.message)
        return NOT_ENROLLED
    faults.at("enrolled")
    service = _Service(folders, placement, loader, state_lock, clock, faults, facts)
    return await service.run(key, enrolled, arrival)


def _another_lives(folders: Folders) -> bool:
    return ownership.other_generation_alive(folders.bot_run, but=folders.run)


async def _state_lock(folders: Folders) -> int | None:
    """Take the bot's lock, ending leftovers that hold it; None if a live generation has it."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _CLEAR_WITHIN_S
    while True:
        lock = ownership.take(folders.state_lock)
        if lock is not None or _another_lives(folders) or loop.time() > end:
            return lock
        log.warning("a predecessor left processes; ending them")
        await sweep(folders.bot_run, nonces(folders.bot_run))


def _key(path: Path) -> Ed25519PrivateKey:
    """Our key: on disk before it is told to anyone, so that a lost answer can be repeated."""
    if path.exists():
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    key = Ed25519PrivateKey.generate()
    write_atomic(path, key.private_bytes_raw())
    return key


def _facts() -> dict[str, str]:
    return {
        "host": socket.gethostname(),
        "boot": boot_id(),
        "system": f"{platform.system()} {platform.release()}",
        "supervisor": version("homarus"),
        "pid": str(os.getpid()),
    }


async def _enrolled(
    folders: Folders, arrival: Arrival | None, key: Ed25519PrivateKey, facts: dict[str, str]
) -> Enrolled:
    if folders.enrolled.exists():
        return msgspec.json.decode(folders.enrolled.read_bytes(), type=Enrolled)
    if arrival is None:
        raise Unauthenticated("This supervisor was given no enrolment token.")
    loop = asyncio.get_running_loop()
    end = loop.time() + _ENROL_WITHIN_S
    pause = 1.0
    while True:
        endpoint = read_endpoint(folders)
        url = arrival.control_url if endpoint is None else endpoint.control_url
        try:
            enrolled = await enrol(url, token=arrival.token, key=key, facts=facts)
        except Unavailable as fault:
            if loop.time() > end:
                raise Unauthenticated("The enrolment token has expired.") from fault
            log.info("%s", fault.message)
            await asyncio.sleep(random.uniform(0.5, pause))  # noqa: S311 - jitter
            pause = min(30.0, pause * 2)
            continue
        write_atomic(folders.enrolled, msgspec.json.encode(enrolled))
        return enrolled


class _Service:
    """The parts of an enrolled supervisor, wired. Also what the session calls back."""

    def __init__(
        self,
        folders: Folders,
        placement: Placement,
        loader: HostLoader,
        state_lock: int,
        clock: Clock,
        faults: Faults,
        facts: dict[str, str],
    ) -> None:
        self._folders = folders
        self._clock = clock
        self._faults = faults
        self._session: Session | None = None
        self._reporter = Reporter(facts)
        self._journal = Journal(folders.journal)
        self._vault = Vault()
        self._socket = SecretSocket(folders.socket, self._vault)
        self._bench = Workbench(
            folders=folders,
            placement=placement,
            loader=loader,
            state_lock=state_lock,
            socket=self._socket,
            clock=clock,
            faults=faults,
        )
        self._conductor = Conductor(
            bench=self._bench,
            supply=Supply(
                bench=self._bench,
                vault=self._vault,
                reporter=self._reporter,
                control=self._live_session,
                faults=faults,
            ),
            vault=self._vault,
            reporter=self._reporter,
            admission=Admission(
                folders.host,
                bot_id=placement.bot_id,
                start_slots=placement.start_slots,
                memory_mb=placement.host_memory_mb,
            ),
            clock=clock,
            faults=faults,
            surface_changed=lambda: self._inventory.look_now(),
        )
        self._inventory = InventoryWatch(
            runtime=self._conductor.surface, reporter=self._reporter, clock=clock
        )
        self._gateway = GatewayWatch(
            address=self._conductor.gateway_url,
            reach=accepts_connections,
            reporter=self._reporter,
            clock=clock,
        )
        self._turns = Turns(
            journal=self._journal,
            runtime=self._conductor,
            line=self._live_session,
            clock=clock,
            faults=faults,
            output=folders.output,
            refusal=lambda trace: refusal(self._conductor.gateway_url(), trace),
        )

    def _live_session(self) -> Session | None:
        session = self._session
        return session if session is not None and session.open.is_set() else None

    def desire(self, pointer: wire.Pointer) -> None:
        self._faults.at("session-open")
        self._conductor.desire(pointer)
        self._gateway.look_now()

    def command(self, command: wire.Command) -> None:
        self._turns.take(command)

    def fenced(self) -> None:
        self._conductor.leave()

    def _asked_to_end(self) -> None:
        grace = 20.0
        with contextlib.suppress(OSError, ValueError):
            grace = float(self._folders.stopped.read_text())
        self._conductor.leave(grace_s=grace)

    async def run(self, key: Ed25519PrivateKey, enrolled: Enrolled, arrival: Arrival | None) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_end)
        self._session = Session(
            key=key,
            enrolled=enrolled,
            address=lambda: self._address(arrival),
            reporter=self._reporter,
            journal=self._journal,
            sink=self,
            clock=self._clock,
        )
        await self._socket.open()
        beside = [
            asyncio.create_task(self._session.run()),
            asyncio.create_task(self._gateway.run()),
            asyncio.create_task(self._inventory.run()),
        ]
        self._turns.recover()
        try:
            await self._conductor.run()
        finally:
            await self._turns.close()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._socket.close()
            self._journal.close()
        log.info("ended")
        return ENDED

    def _address(self, arrival: Arrival | None) -> str:
        endpoint = read_endpoint(self._folders)
        if endpoint is not None:
            return endpoint.control_url
        if arrival is not None:
            return arrival.control_url
        raise Unavailable("The address of the control plane is not known.")
