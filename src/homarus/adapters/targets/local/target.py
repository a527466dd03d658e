"""The local target: deterministic run folders, detached supervisors, proof by locks."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec

from homarus.adapters.targets.local.removal import remove
from homarus.errors import HomarusError, Permanent, Transient
from homarus.kit.files import write_atomic
from homarus.ports.target import Capabilities, Handle, PlacementState, SupervisorUnit
from homarus.supervisor import detach, ownership, procfs
from homarus.supervisor.admission import default_start_slots, machine_memory_mb
from homarus.supervisor.folders import (
    Arrival,
    Folders,
    Placement,
    read_placement,
    write_placement,
)
from homarus.supervisor.isolation import PLAIN, SANDBOX, sandbox_problem
from homarus.supervisor.sweep import sweep

_HANDLE_VERSION = 1
_KILL_AFTER_GRACE_S = 10.0
_POLL_S = 0.05


class LocalTarget:
    """Runs each supervisor as a process of its own that outlives us; see `Target`.

    Everything needed to find it again lies in its run folder; this object holds only
    where that is. Blocking file work is short; what waits, waits without a thread.
    """

    name = "local"

    def __init__(
        self,
        *,
        home: Path,
        install_id: str,
        python: str = sys.executable,
        memory_mb: int | None = None,
        start_slots: int | None = None,
        testing: bool = False,
    ) -> None:
        self._home = home
        self._install_id = install_id
        self._python = python
        self._memory_mb = machine_memory_mb() if memory_mb is None else memory_mb
        self._start_slots = default_start_slots() if start_slots is None else start_slots
        self._testing = testing
        self._boot_id = procfs.boot_id()
        problem = sandbox_problem()
        kinds = {PLAIN, SANDBOX} if problem is None else {PLAIN}
        missing = {} if problem is None else {SANDBOX: f"{problem.message} {problem.hint}"}
        self._capabilities = Capabilities(frozenset(kinds), self._memory_mb, missing)

    def capabilities(self) -> Capabilities:
        return self._capabilities

    # ---- start

    async def start(self, *, unit: SupervisorUnit) -> Handle:
        return await asyncio.to_thread(self._start, unit)

    def _start(self, unit: SupervisorUnit) -> Handle:
        folders = Folders(self._home, unit.bot_id, unit.generation)
        known = read_placement(folders.run)
        if known is not None and (known.nonce, known.install_id) != (unit.nonce, self._install_id):
            raise Permanent(
                f"Generation {unit.generation} of this bot was placed under another nonce."
            )
        placement = known or self._placement(unit)
        handle = self._handle(placement)
        if folders.stopped.exists():
            return handle
        try:
            folders.make()
            # The supervisor inherits the lock already taken: it is alive from its first
            # instruction on, and of two that are started at once one never exists.
            lock = ownership.take(folders.run_lock)
        except (OSError, HomarusError) as fault:
            raise Transient(
                f"The run folder cannot be written ({fault}).", delay=timedelta(seconds=10)
            ) from fault
        if lock is None:
            return handle
        try:
            # Before the process: a crash from here on leaves a findable folder.
            write_placement(folders, placement)
            self._spawn(folders, unit, lock)
        finally:
            os.close(lock)
        return handle

    def _placement(self, unit: SupervisorUnit) -> Placement:
        return Placement(
            bot_id=unit.bot_id,
            bot_name=unit.bot_name,
            generation=unit.generation,
            nonce=unit.nonce,
            install_id=self._install_id,
            memory_mb=unit.memory_mb,
            boot_id=self._boot_id,
            start_slots=self._start_slots,
            host_memory_mb=self._memory_mb,
            testing=self._testing,
        )

    def _spawn(self, folders: Folders, unit: SupervisorUnit, lock: int) -> None:
        arrival = Arrival(unit.control_url, unit.gateway_url, unit.enrolment_token)
        program = [self._python, "-m", "homarus.roles.supervise"]
        program += ["--run-dir", str(folders.run), "--lock-fd", str(lock)]
        env = {name: value for name, value in os.environ.items() if _passed(name)}
        env[detach.LATER + procfs.MARK] = unit.nonce
        try:
            subprocess.run(
                [self._python, "-I", "-S", detach.__file__, str(folders.log), *program],
                input=msgspec.json.encode(arrival),
                env=env,
                pass_fds=(lock,),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
                timeout=30,
            )
        except (OSError, subprocess.SubprocessError) as fault:
            raise Transient(
                "A process could not be started.", delay=timedelta(seconds=10), detail=str(fault)
            ) from fault

    def _handle(self, placement: Placement) -> Handle:
        return Handle(
            target=self.name,
            version=_HANDLE_VERSION,
            data={
                "bot": placement.bot_id,
                "generation": placement.generation,
                "nonce": placement.nonce,
                "boot": placement.boot_id,
                "install": placement.install_id,
            },
        )

    def _folders(self, handle: Handle) -> Folders:
        return Folders(self._home, str(handle.data["bot"]), int(handle.data["generation"]))

    # ---- observe

    async def observe(self, *, handles: Sequence[Handle]) -> Mapping[str, PlacementState]:
        return await asyncio.to_thread(self._observe, handles)

    def _observe(self, handles: Sequence[Handle]) -> dict[str, PlacementState]:
        seen: dict[str, PlacementState] = {}
        marks: dict[str, list[procfs.ProcessId]] | None = None
        for handle in handles:
            folders = self._folders(handle)
            nonce = str(handle.data["nonce"])
            if not self._ours(handle, folders):
                continue
            if ownership.held(folders.run_lock):
                seen[nonce] = PlacementState.ALIVE
                continue
            marks = procfs.marked() if marks is None else marks
            seen[nonce] = (
                PlacementState.LEFTOVERS
                if self._remains(folders, handle, marks)
                else PlacementState.GONE
            )
        return seen

    def _ours(self, handle: Handle, folders: Folders) -> bool:
        """Could we tell? Not for another installation or a folder under another nonce."""
        placement = read_placement(folders.run)
        if handle.data["install"] != self._install_id:
            return False
        return placement is None or placement.nonce == handle.data["nonce"]

    def _remains(
        self, folders: Folders, handle: Handle, marks: Mapping[str, list[procfs.ProcessId]]
    ) -> bool:
        if handle.data["boot"] != self._boot_id:
            return False  # The machine was started anew since: nothing of it can run.
        if marks.get(str(handle.data["nonce"])):
            return True
        if not ownership.held(folders.state_lock):
            return False
        # The lock may belong to a younger generation, which is alive and none of our business.
        return not ownership.other_generation_alive(folders.bot_run, but=folders.run)

    # ---- stop

    async def stop(self, *, handle: Handle, grace_s: float) -> None:
        folders = self._folders(handle)
        if not self._ours(handle, folders):
            raise Transient("This placement is not ours to stop.", delay=timedelta(seconds=60))
        if not folders.run.exists():
            return
        # From here on no supervisor goes past its first lock, also one that is just starting.
        await asyncio.to_thread(write_atomic, folders.stopped, str(grace_s).encode())
        if not await self._end_supervisor(folders, grace_s):
            raise Transient("The supervisor still runs.", delay=timedelta(seconds=5))
        if handle.data["boot"] != self._boot_id:
            return
        marks = frozenset({str(handle.data["nonce"])})
        if ownership.other_generation_alive(folders.bot_run, but=folders.run):
            return
        if not await sweep(folders.bot_run, marks) or ownership.held(folders.state_lock):
            raise Transient("Something of the bot still runs.", delay=timedelta(seconds=5))

    async def _end_supervisor(self, folders: Folders, grace_s: float) -> bool:
        """Ask it, wait for its lock to come free, kill it if need be."""
        began = time.monotonic()
        told = killed = False
        while await asyncio.to_thread(ownership.held, folders.run_lock):
            waited = time.monotonic() - began
            owner = ownership.read_owner(folders.owner)
            process = None if owner is None else owner.process()
            if process is not None and not told:
                told = procfs.send(process, signal.SIGTERM)
            if process is not None and not killed and waited > grace_s + _KILL_AFTER_GRACE_S:
                killed = procfs.send(process, signal.SIGKILL)
            if waited > grace_s + 2 * _KILL_AFTER_GRACE_S:
                return False
            await asyncio.sleep(_POLL_S)
        return True

    # ---- after it

    async def forget(self, *, handle: Handle, destroy_state: bool) -> None:
        folders = self._folders(handle)
        if not self._ours(handle, folders):
            return
        state = (await self.observe(handles=[handle])).get(str(handle.data["nonce"]))
        if state is not PlacementState.GONE:
            raise Transient("Something of it still runs.", delay=timedelta(seconds=5))
        await asyncio.to_thread(remove, folders.run)
        if destroy_state:
            if ownership.other_generation_alive(folders.bot_run, but=folders.run):
                raise Transient("Another generation lives.", delay=timedelta(seconds=5))
            await asyncio.to_thread(remove, folders.bot)
            await asyncio.to_thread(remove, folders.bot_run)
            (folders.host / "memory" / folders.bot_id).unlink(missing_ok=True)

    async def known(self) -> Sequence[Handle]:
        return await asyncio.to_thread(self._known)

    def _known(self) -> list[Handle]:
        found = []
        for folder in sorted((self._home / "run").glob("bot_*/*/")):
            placement = read_placement(folder)
            if placement is not None and placement.install_id == self._install_id:
                found.append(self._handle(placement))
        return found


_PASSED = frozenset(
    {"PATH", "LANG", "TZ", "HOME", "HOMARUS_FAULT_POINT"}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"}
)


def _passed(name: str) -> bool:
    """Whether a supervisor inherits this variable: what npm and TLS need, nothing of ours."""
    low = name.lower()
    return name in _PASSED or low.startswith("npm_config_") or low.endswith("_proxy")
