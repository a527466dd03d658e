"""Keeping a runtime that is up as it is wanted, without a new start where that can be."""

from __future__ import annotations

from collections.abc import Callable

from homarus.protocol.supervisor import Pointer, RunState
from homarus.supervisor.apply import Candidate, Workbench
from homarus.supervisor.live import Live
from homarus.supervisor.reporting import Reporter
from homarus.supervisor.supply import Supply


def outdated(live: Live, candidate: Candidate | None, pointer: Pointer) -> str:
    """Why nothing but a new start makes ``live`` what is wanted; empty: nothing seen here."""
    if candidate is not None and candidate.digest != live.candidate.digest:
        return "a new revision"
    if pointer.restart_nonce != live.restart_nonce:
        return "asked to restart"
    if pointer.gateway_url != live.ticket.gateway_url:
        return "the AI gateway moved"
    if not live.ready and live.paused != (pointer.run is RunState.PAUSED):
        return "paused or resumed while it started"
    return ""


class Upkeep:
    """What is done to a ready runtime in place."""

    def __init__(
        self,
        *,
        bench: Workbench,
        supply: Supply,
        reporter: Reporter,
        tell: Callable[[RunState, str], None],
    ) -> None:
        self._bench = bench
        self._supply = supply
        self._reporter = reporter
        self._tell = tell

    async def bring(self, live: Live, pointer: Pointer) -> str:
        """Pause, resume and give new secrets; return why that takes a new start, if it does."""
        if not await self._pause_as_wanted(live, pointer):
            return "only a new start can pause or resume it"
        if not await self._secrets_as_wanted(live, pointer):
            return "only a new start takes the new secrets"
        return ""

    def look_after(self, live: Live) -> None:
        """Undo what the bot did to managed files, and say how it is."""
        drifted = self._bench.undo_drift(live.candidate, live.ticket)
        if drifted:
            self._reporter.find(
                "config-drift",
                f"It changed managed files ({', '.join(drifted)}); they were restored.",
            )
        up = RunState.PAUSED if live.paused else RunState.RUNNING
        if live.hard_of_hearing:
            self._tell(RunState.DEGRADED, f"the runtime does not answer: {live.health.detail}")
        elif live.hears and self._reporter.report.run is not up:
            self._tell(up, "")

    async def _pause_as_wanted(self, live: Live, pointer: Pointer) -> bool:
        wanted = pointer.run is RunState.PAUSED
        if wanted == live.paused:
            return True
        host = live.candidate.host
        done = await host.pause() if wanted else await host.resume()
        if done:
            live.paused = wanted
            self._tell(RunState.PAUSED if wanted else RunState.RUNNING, "")
        return done

    async def _secrets_as_wanted(self, live: Live, pointer: Pointer) -> bool:
        if pointer.secrets_version <= live.secrets_version:
            return True
        await self._supply.secrets(live.candidate.unit, pointer)
        taken = await live.candidate.host.secrets_changed()
        if taken:
            live.secrets_version = pointer.secrets_version
            self._supply.secrets_taken()
        return taken
