"""What a start needs before anything is started: unit, secrets, runtime, a validator's word."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from homarus.errors import Issue, Unavailable
from homarus.ports.runtime_host import InstallProgress
from homarus.protocol import supervisor as wire
from homarus.protocol.supervisor import Pointer, RunState, RunUnit
from homarus.supervisor.apply import Candidate, Workbench
from homarus.supervisor.faults import Faults
from homarus.supervisor.isolation import PLAIN
from homarus.supervisor.reporting import Reporter
from homarus.supervisor.secrets import Vault


class Control(Protocol):
    """What is asked of the control plane (by way of a `Session`)."""

    async def unit(self, digest: str) -> RunUnit: ...
    async def secrets(self, names: tuple[str, ...]) -> wire.Secrets: ...


class Supply:
    """Gets a validated candidate for a pointer, beside whatever runs. Repeating it is cheap."""

    def __init__(
        self,
        *,
        bench: Workbench,
        vault: Vault,
        reporter: Reporter,
        control: Callable[[], Control | None],
        faults: Faults,
    ) -> None:
        self._bench = bench
        self._vault = vault
        self._reporter = reporter
        self._control = control
        self._faults = faults

    async def candidate(
        self,
        pointer: Pointer,
        running: Candidate | None,
        tell: Callable[[RunState, str], None],
        start_slot: Callable[[], AbstractAsyncContextManager[None]],
    ) -> Candidate | None:
        """Return the candidate, or None if it was refused: then the report has the issues.

        ``tell`` hears of progress while nothing runs. The validator works within a
        ``start_slot``: it is the runtime's own program, and costs half a start.

        Raises:
            Unavailable: no session, a secret without a value, or a validator that did not
                come to its end; try again.
            HomarusError: it cannot be had here (no disk, no sandbox, no download).
        """
        if running is not None and running.digest == pointer.digest:
            self._reporter.set(rejected="", issues=())
            return running
        if self._reporter.report.rejected == pointer.digest:
            return None
        ready = self._bench.candidate
        if ready is not None and ready.digest == pointer.digest:
            return ready
        candidate = await self._prepare(pointer, tell if running is None else _nobody)
        async with start_slot():
            issues = await self._bench.validate(candidate)
        self._reporter.phase("validate", self._bench.seconds)
        self._faults.at("validated")
        if issues:
            found = tuple((issue.path, issue.message) for issue in issues)
            self._reporter.set(rejected=pointer.digest, issues=found)
            return None
        self._bench.candidate = candidate
        self._reporter.set(rejected="", issues=())
        return candidate

    async def complaints(self, candidate: Candidate) -> tuple[Issue, ...]:
        """What the validator says of a candidate that would not start; empty if it cannot say."""
        try:
            return await self._bench.validate(candidate)
        except Unavailable:
            return ()

    async def _prepare(self, pointer: Pointer, tell: Callable[[RunState, str], None]) -> Candidate:
        tell(RunState.INSTALLING, "fetching its revision")
        control = self._control()
        if control is None:
            raise Unavailable("control plane")
        unit = await control.unit(pointer.digest)
        self._faults.at("unit-fetched")
        await self.secrets(unit, pointer)

        async def progress(step: InstallProgress) -> None:
            tell(RunState.INSTALLING, step.phase)
            self._reporter.set(progress=(step.done, step.total))

        candidate = await self._bench.prepare(unit, progress)
        self._reporter.phase("install", self._bench.seconds)
        self._faults.at("installed")
        return candidate

    async def secrets(self, unit: RunUnit, pointer: Pointer) -> None:
        """Fill the vault for ``unit``; nothing changes if a value is missing.

        Raises:
            Unavailable: no session, or a secret without a value.
        """
        control = self._control()
        if control is None:
            raise Unavailable("secrets unavailable (no session with the control plane)")
        answer = await control.secrets((wire.GATEWAY_KEY, *unit.secrets))
        if answer.missing:
            names = ", ".join(answer.missing)
            raise Unavailable(f"secrets unavailable ({names} has no value)")
        self._vault.load(answer.values, version=max(answer.version, pointer.secrets_version))

    def secrets_taken(self) -> None:
        """The running bot has what the vault holds: only now it is reported."""
        self._reporter.set(
            secrets_version=self._vault.version,
            secret_fingerprints=self._vault.fingerprints(key=self._bench.nonce),
        )

    def isolation_found(self, unit: RunUnit) -> None:
        """Say what stands, from this start on, about the walls of ``unit``."""
        if unit.isolation == PLAIN:
            words = "It runs without a sandbox: it sees this machine."
            self._reporter.find("plain-isolation", words)
        else:
            self._reporter.settle("plain-isolation")

    def put_aside(self, names: list[str]) -> None:
        """Say what was in the way of our files at this start and where it is now."""
        if names:
            words = f"Something was in the way of managed files; kept as {', '.join(names)}."
            self._reporter.find("workspace-in-the-way", words)
        else:
            self._reporter.settle("workspace-in-the-way")


def _nobody(run: RunState, reason: str) -> None:
    """Something runs: that it prepares another revision is no state of the bot."""
