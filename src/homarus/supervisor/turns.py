"""Commands with a memory: accepted on disk before acting, answered from disk when repeated."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from homarus.errors import HomarusError, Unavailable
from homarus.kit.clock import Clock
from homarus.ports.runtime_host import RuntimeHost, TurnEvent
from homarus.protocol.supervisor import Command, RunState
from homarus.supervisor.faults import Faults
from homarus.supervisor.journal import Journal
from homarus.supervisor.logs import tail

log = logging.getLogger(__name__)
_RECALL_PATIENCE = timedelta(minutes=5)
_NEVER_SOON = frozenset({RunState.PAUSED, RunState.STOPPED, RunState.FAILED})


class Line(Protocol):
    """The way back to the control plane (a `Session`)."""

    def delta(self, key: str, offset: int, text: str) -> None: ...
    def reply(self, key: str, state: str, text: str) -> None: ...
    def journalled(self) -> None: ...


class Runtime(Protocol):
    """What a turn needs to know of the running bot (the `Conductor`)."""

    def host(self) -> RuntimeHost | None:
        """The open host of a ready, unpaused runtime; None otherwise."""
        ...

    def condition(self) -> tuple[RunState, str]: ...

    async def changed(self) -> None:
        """Return after the runtime's condition has changed."""
        ...


class Turns:
    """Runs commands, each key at most once. Turns of one bot may overlap; the runtime queues."""

    def __init__(
        self,
        *,
        journal: Journal,
        runtime: Runtime,
        line: Callable[[], Line | None],
        clock: Clock,
        faults: Faults,
        output: Path,
        refusal: Callable[[str], Awaitable[str]],
    ) -> None:
        self._journal = journal
        self._runtime = runtime
        self._line = line
        self._clock = clock
        self._faults = faults
        self._output = output
        self._refusal = refusal
        self._running: dict[str, asyncio.Task[None]] = {}
        self._speaking = asyncio.Lock()

    def take(self, command: Command) -> None:
        """Act on a delivery; a repeated one is answered from the journal or left to run."""
        known = self._journal.latest(command.key)
        if command.key in self._running:
            return
        if known is not None and known.state != "accepted":
            # Told and perhaps acked before: a fresh entry makes sure that it is heard again.
            self._finish(command.key, known.state, known.text, known.usage)
            return
        if known is not None:
            return  # Accepted by a dead predecessor: `recover` has it.
        work = {"turn": self._turn, "logs": self._logs}.get(command.kind)
        if work is None:
            self._refuse(command, "failed", f"This supervisor knows no command {command.kind!r}.")
            return
        self._start(command.key, self._guarded(command, work))

    def recover(self) -> None:
        """Find out what became of turns that a dead predecessor had accepted."""
        for key in self._journal.unfinished():
            self._start(key, self._recall(key))

    async def close(self) -> None:
        """Stop waiting for answers. What was accepted stays so, for the next start to recall."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _guarded(
        self, command: Command, work: Callable[[Command], Coroutine[None, None, None]]
    ) -> None:
        try:
            await work(command)
        except Exception:  # the job's boundary: one command lost, and said so
            log.exception("command %s failed inside the supervisor", command.key)
            self._refuse(command, "unknown", "A fault inside the supervisor; see its log.")

    def _start(self, key: str, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._running[key] = task
        task.add_done_callback(lambda _: self._running.pop(key, None))

    def _finish(self, key: str, state: str, text: str, usage: dict[str, int]) -> None:
        self._journal.append(key, state, text=text, usage=usage)
        line = self._line()
        if line is not None:
            line.journalled()

    def _refuse(self, command: Command, state: str, text: str) -> None:
        line = self._line()
        if line is not None:
            line.reply(command.key, state, text)

    async def _logs(self, command: Command) -> None:
        page = tail(
            self._output,
            cursor=int(command.params.get("cursor", "-1")),
            limit=int(command.params.get("limit", "65536")),
        )
        line = self._line()
        if line is not None:
            line.reply(command.key, "done", msgspec.json.encode(page).decode())

    async def _turn(self, command: Command) -> None:
        # One at a time: a runtime that is spoken to while it answers may fold the second
        # message into the first answer, and then the second turn would end without words.
        async with self._speaking:
            await self._one_turn(command)

    async def _one_turn(self, command: Command) -> None:
        deadline = datetime.fromisoformat(command.deadline)
        host = await self._ready(command, deadline)
        if host is None:
            return
        self._journal.append(command.key, "accepted")
        line = self._line()
        if line is not None:
            line.journalled()
        self._faults.at("turn-accepted")
        try:
            last = await self._answer(host, command, deadline)
        except HomarusError as fault:
            last = await self._ask_again(command.key, fault.message)
        self._faults.at("turn-answered")
        self._settle(command.key, await self._explained(command, last))

    async def _explained(self, command: Command, last: TurnEvent | None) -> TurnEvent | None:
        """A failure with the AI gateway's own words in front, if it had a part in it."""
        if last is None or last.kind != "failed":
            return last
        words = await self._refusal(command.params.get("traceparent", ""))
        if not words or words in last.text:
            return last
        return TurnEvent("failed", f"{words} (The runtime: {last.text})")

    async def _answer(
        self, host: RuntimeHost, command: Command, deadline: datetime
    ) -> TurnEvent | None:
        events = host.send(
            turn_id=command.key,
            text=command.params.get("text", ""),
            traceparent=command.params.get("traceparent", ""),
            deadline=deadline,
        )
        async for event in events:
            if event.kind != "delta":
                return event
            line = self._line()
            if line is not None:
                line.delta(command.key, event.offset, event.text)
        return None

    async def _ask_again(self, key: str, why: str) -> TurnEvent | None:
        """The connection broke in mid-turn: the runtime may still know how it ended."""
        log.info("turn %s: %s; asking the runtime", key, why)
        end = self._clock.now() + _RECALL_PATIENCE
        while self._clock.now() < end:
            state, _ = self._runtime.condition()
            if state in _NEVER_SOON:
                return None
            host = self._runtime.host()
            if host is not None:
                try:
                    return await host.recall(turn_id=key)
                except Unavailable:
                    log.info("turn %s: not yet", key)
            await self._runtime.changed()
        return None

    def _settle(self, key: str, last: TurnEvent | None) -> None:
        if last is None:
            self._finish(
                key, "unknown", "The bot went down in mid-answer and does not remember.", {}
            )
            return
        state = "done" if last.kind == "final" else "failed"
        self._finish(key, state, last.text, dict(last.usage))

    async def _recall(self, key: str) -> None:
        self._settle(key, await self._ask_again(key, "accepted before a restart"))

    async def _ready(self, command: Command, deadline: datetime) -> RuntimeHost | None:
        while self._clock.now() < deadline:
            host = self._runtime.host()
            if host is not None:
                return host
            state, reason = self._runtime.condition()
            if state in _NEVER_SOON:
                self._refuse(command, "failed", f"The bot is {state}. {reason}".strip())
                return None
            await self._runtime.changed()
        self._refuse(command, "expired", "The bot was not ready before the deadline.")
        return None
