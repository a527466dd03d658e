"""The loop that makes the runtime what the control plane wants, one pass at a time.

A pass takes no input but the last pointer and what is true now. A new pointer that
changes what is wanted cancels the pass under way and begins the next: every step leaves
the machine in a state that the next pass can go on from.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets as random_source
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from homarus.errors import HomarusError, Unavailable
from homarus.kit.clock import Clock
from homarus.kit.signal import wait_at_most
from homarus.ports.runtime_host import RuntimeHost, Ticket
from homarus.protocol import supervisor as wire
from homarus.protocol.supervisor import Pointer, RunState
from homarus.supervisor.admission import Admission
from homarus.supervisor.apply import Candidate, Workbench
from homarus.supervisor.breaker import Breaker
from homarus.supervisor.faults import Faults
from homarus.supervisor.isolation import SANDBOX
from homarus.supervisor.live import DEAF_FOR_S, Live
from homarus.supervisor.reporting import Reporter
from homarus.supervisor.secrets import Vault
from homarus.supervisor.supply import Supply
from homarus.supervisor.upkeep import Upkeep, outdated

log = logging.getLogger(__name__)
_LOOK_EVERY_S = 5.0
_LOOK_STARTING_S = 0.25
_AGAIN_S = 2.0
_IDLE_S = 3600.0
_GRACE_S = 20.0
_DEAF_GRACE_S = 5.0


class Conductor:
    """Owns the runtime process. ``run`` ends only after ``leave``, with nothing running."""

    def __init__(
        self,
        *,
        bench: Workbench,
        supply: Supply,
        vault: Vault,
        reporter: Reporter,
        admission: Admission,
        clock: Clock,
        faults: Faults,
        surface_changed: Callable[[], None],
    ) -> None:
        """``surface_changed`` is called when there is a ready runtime to talk to, or none."""
        self._bench = bench
        self._vault = vault
        self._reporter = reporter
        self._admission = admission
        self._supply = supply
        self._clock = clock
        self._faults = faults
        self._upkeep = Upkeep(bench=bench, supply=supply, reporter=reporter, tell=self._tell)
        self._surface_changed = surface_changed
        self._pointer: Pointer | None = None
        self._live: Live | None = None
        self._breaker = Breaker()
        self._failed: tuple[str, int] | None = None
        self._restarts = 0
        self._leaving = False
        self._wake = asyncio.Event()
        self._condition = asyncio.Event()
        self._pass: asyncio.Task[float] | None = None
        self._grace_s = _GRACE_S

    # ---- what others see

    def host(self) -> RuntimeHost | None:
        """The runtime that turns go to."""
        live = self._live
        return None if live is None or live.paused else self.surface()

    def surface(self) -> RuntimeHost | None:
        """The runtime that is ready, paused or not; None while there is none to talk to."""
        live = self._live
        if live is None or not live.ready or live.child.code is not None:
            return None
        return live.candidate.host

    def condition(self) -> tuple[RunState, str]:
        return self._reporter.report.run, self._reporter.report.reason

    def gateway_url(self) -> str:
        """Where the bot finds the AI gateway; empty while it is not meant to be up."""
        pointer = self._pointer
        if pointer is None or pointer.run is RunState.STOPPED:
            return ""
        return pointer.gateway_url

    async def changed(self) -> None:
        """Return at the next change of condition, or after a second: never sleeps for ever."""
        event = self._condition
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(event.wait(), 1.0)

    def desire(self, pointer: Pointer) -> None:
        """Take the whole desired state; the last one wins."""
        before, self._pointer = self._pointer, pointer
        if before is not None and _aim(before) != _aim(pointer) and self._pass is not None:
            self._pass.cancel()
        self._wake.set()

    def leave(self, *, grace_s: float = _GRACE_S) -> None:
        """Stop the runtime and make ``run`` return."""
        self._leaving = True
        self._grace_s = grace_s
        if self._pass is not None:
            self._pass.cancel()
        self._wake.set()

    # ---- the loop

    async def run(self) -> None:
        while not self._leaving:
            self._wake.clear()
            self._pass = asyncio.create_task(self._once())
            pause = 0.0
            try:
                pause = await self._pass
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
            except Unavailable as fault:
                self._lacking(fault.message)
                pause = _AGAIN_S
            except HomarusError as fault:
                self._refused(f"{fault.message} {fault.hint}".strip(), fault.code)
                pause = _IDLE_S
            except Exception:  # the loop's boundary: one pass lost, the next one tries again
                log.exception("a pass failed")
                self._tell(RunState.DEGRADED, "a fault inside the supervisor; see its log")
                pause = _AGAIN_S
            self._pass = None
            if not self._leaving and (pause > 0 or self._pointer is None):
                rest = timedelta(seconds=pause or _IDLE_S)
                await wait_at_most(self._wake, self._clock, rest)
        await self._take_down("the supervisor ends")
        self._admission.release()

    async def _once(self) -> float:
        """Do what is missing now and return how long nothing more is expected."""
        pointer = self._pointer
        if pointer is None:
            return 0.0
        if pointer.run is RunState.STOPPED:
            await self._take_down("asked to stop")
            self._admission.release()
            self._failed = None
            self._breaker.reset()
            self._tell(RunState.STOPPED, "")
            return _IDLE_S
        attempt = (pointer.digest, pointer.restart_nonce)
        if self._failed is not None and self._failed != attempt:
            self._failed = None
            self._breaker.reset()
        if self._failed is not None and self._live is None:
            return _IDLE_S
        live = self._live
        # Before anything that may have to wait for somebody else: a deaf bot is no use.
        if live is not None and live.ready and live.child.code is None:
            self._bench.trim_output()
            await live.look(self._clock)
            if live.deaf(self._clock):
                return await self._deafened(live)
        running = None if live is None else live.candidate
        candidate = await self._supply.candidate(pointer, running, self._tell, self._start_slot)
        if live is not None and live.child.code is not None:
            return await self._died(live)
        if live is not None:
            return await self._keep(live, candidate, pointer)
        if candidate is not None:
            return await self._start(candidate, pointer)
        path, words = self._reporter.report.issues[0]
        self._give_up(f"its configuration was refused: {path}: {words}")
        return _IDLE_S

    # ---- steps

    async def _start(self, candidate: Candidate, pointer: Pointer) -> float:
        if not self._vault.loaded or self._vault.version < pointer.secrets_version:
            await self._supply.secrets(candidate.unit, pointer)
        await self._admission.memory(candidate.unit.memory_mb, self._waiting)
        began = self._clock.monotonic()
        async with self._start_slot():
            self._reporter.phase("slot", self._clock.monotonic() - began)
            self._faults.at("slot-taken")
            return await self._start_now(candidate, pointer)

    @contextlib.asynccontextmanager
    async def _start_slot(self) -> AsyncIterator[None]:
        await self._admission.slot(self._waiting)
        try:
            yield
        finally:
            self._admission.release_slot()

    async def _waiting(self, reason: str) -> None:
        # What runs goes on while another revision waits to be validated: no state of the bot.
        if self._live is None:
            self._tell(RunState.WAITING, reason)

    async def _start_now(self, candidate: Candidate, pointer: Pointer) -> float:
        began = self._clock.monotonic()
        paused = pointer.run is RunState.PAUSED
        ticket = Ticket(
            port=self._admission.port(candidate.host.port_span),
            token=random_source.token_urlsafe(32),
            gateway_url=pointer.gateway_url,
            paused=paused,
        )
        self._vault.put_own(wire.RUNTIME_TOKEN, ticket.token)
        self._tell(RunState.STARTING, "the runtime starts")
        self._supply.isolation_found(candidate.unit)
        self._supply.put_aside(self._bench.swap(candidate, ticket))
        self._faults.at("swapped")
        child = self._bench.spawn(candidate, ticket)
        live = self._live = Live(candidate, ticket, child, pointer.restart_nonce)
        child.on_exit(self._wake)
        live.secrets_version = self._vault.version
        self._supply.secrets_taken()
        self._reporter.set(pid=child.pid, restart_nonce=pointer.restart_nonce)
        self._reporter.phase("start", self._clock.monotonic() - began)
        self._faults.at("spawned")
        return await self._await_ready(live, began)

    async def _await_ready(self, live: Live, began: float) -> float:
        end = self._clock.monotonic() + live.candidate.host.ready_within_s
        while live.child.code is None:
            self._bench.trim_output()
            health = await live.look(self._clock)
            if health.ready:
                self._became_ready(live, began)
                return _LOOK_EVERY_S
            if self._clock.monotonic() > end:
                log.warning("not ready in time: %s", health.detail)
                live.child.kill()
                await live.child.wait()
                break
            await asyncio.sleep(_LOOK_STARTING_S)
        return 0.0

    def _became_ready(self, live: Live, began: float) -> None:
        live.ready = True
        self._reporter.phase("ready", self._clock.monotonic() - began)
        self._faults.at("ready")
        self._reporter.set(
            revision=live.candidate.unit.revision, applied=live.candidate.digest, progress=(0, 0)
        )
        self._tell(RunState.PAUSED if live.paused else RunState.RUNNING, "")
        self._surface_changed()

    async def _keep(self, live: Live, candidate: Candidate | None, pointer: Pointer) -> float:
        """The runtime is up: bring it to what is wanted, by a new start only where needed."""
        why = outdated(live, candidate, pointer)
        if not why and not live.ready:
            return await self._await_ready(live, self._clock.monotonic())
        why = why or await self._upkeep.bring(live, pointer)
        if why:
            await self._take_down(why)
            return await self._start(candidate or live.candidate, pointer)
        self._upkeep.look_after(live)
        return _LOOK_EVERY_S

    async def _deafened(self, live: Live) -> float:
        detail = live.health.detail
        log.warning("the runtime does not answer: %s; ending it", detail)
        await live.child.end(
            sandboxed=live.candidate.unit.isolation == SANDBOX, grace_s=_DEAF_GRACE_S
        )
        await self._clear(live)
        return self._again(f"the runtime did not answer for {DEAF_FOR_S:.0f} s ({detail})")

    async def _died(self, live: Live) -> float:
        code = live.child.code
        log.warning("the runtime ended by itself: %s", code)
        await self._clear(live)
        if code in self._bench.config_exit_codes(live.candidate, live.ticket):
            issues = await self._supply.complaints(live.candidate)
            words = "; ".join(f"{i.path}: {i.message}" for i in issues) or self._bench.last_words()
            self._reporter.set(issues=tuple((i.path, i.message) for i in issues))
            self._give_up(f"the runtime refuses its configuration (exit {code}): {words}")
            return _IDLE_S
        return self._again(f"the runtime ended (exit code {code})")

    def _again(self, how: str) -> float:
        """Count an end that nobody asked for; return when to start again, if at all."""
        pause = self._breaker.exit(self._clock.monotonic())
        if pause is None:
            words = self._bench.last_words()
            self._give_up(f"it ended 5 times within 10 minutes; last, {how}: {words}")
            return _IDLE_S
        self._restarts += 1
        self._reporter.set(restarts=self._restarts)
        self._tell(RunState.STARTING, f"{how}; starting it again")
        return pause

    async def _take_down(self, why: str) -> None:
        live = self._live
        if live is None:
            return
        log.info("taking the runtime down: %s", why)
        live.ready = False
        self._tell(RunState.STOPPING, why)
        self._faults.at("stopping")
        sandboxed = live.candidate.unit.isolation == SANDBOX
        await live.child.end(sandboxed=sandboxed, grace_s=self._grace_s)
        await self._clear(live)

    async def _clear(self, live: Live) -> None:
        """Nothing of the old start may be left before the next one."""
        await live.candidate.host.close()
        if not await self._bench.sweep():
            raise Unavailable("something of the bot still runs and cannot be ended")
        self._live = None
        self._admission.release_port()
        self._reporter.set(pid=0)
        self._surface_changed()

    # ---- words

    def _lacking(self, words: str) -> None:
        """Something is away: what runs goes on, and what does not, waits."""
        if self._live is not None and self._live.ready:
            log.info("not yet: %s", words)
        else:
            self._tell(RunState.WAITING, f"waiting: {words}")

    def _refused(self, words: str, code: str) -> None:
        """A new revision cannot be had here: what runs goes on, or there is nothing to run."""
        pointer, live = self._pointer, self._live
        if pointer is not None and live is not None and live.ready:
            self._reporter.set(rejected=pointer.digest, issues=(("", words),))
        else:
            self._give_up(words, code)

    def _give_up(self, reason: str, code: str = "") -> None:
        pointer = self._pointer
        if pointer is not None:
            self._failed = (pointer.digest, pointer.restart_nonce)
        if self._live is None:
            self._admission.release()
        self._tell(RunState.FAILED, reason, code)

    def _tell(self, run: RunState, reason: str, code: str = "") -> None:
        self._reporter.set(run=run, reason=reason, fault=code)
        self._condition.set()
        self._condition = asyncio.Event()


def _aim(pointer: Pointer) -> tuple[object, ...]:
    """What makes a pass pointless when it changes; new secrets alone can wait for its end."""
    return (pointer.digest, pointer.run, pointer.restart_nonce, pointer.gateway_url)
