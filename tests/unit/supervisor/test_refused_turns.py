"""A failed turn says why the AI gateway refused, where the runtime does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from homarus.kit.clock import SystemClock
from homarus.ports.runtime_host import TurnEvent
from homarus.protocol.supervisor import Command, RunState
from homarus.supervisor.faults import Faults
from homarus.supervisor.journal import Journal
from homarus.supervisor.turns import Turns

WORDS = "The budget of bot hello is used up."


class Bot:
    """A running bot whose every turn ends the same way."""

    def __init__(self, last: TurnEvent) -> None:
        self._last = last

    def host(self) -> Bot:
        return self

    def condition(self) -> tuple[RunState, str]:
        return RunState.RUNNING, ""

    async def changed(self) -> None:
        raise AssertionError("a running bot is not waited for")

    async def send(
        self, *, turn_id: str, text: str, traceparent: str, deadline: datetime
    ) -> AsyncIterator[TurnEvent]:
        yield self._last


class Line:
    """The way back; ``over`` is set once a result stands in the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.over = asyncio.Event()

    def journalled(self) -> None:
        entry = self._journal.latest("turn_1")
        if entry is not None and entry.state != "accepted":
            self.over.set()


@pytest.mark.parametrize(
    ("last", "said", "state", "text"),
    [
        (TurnEvent("failed", "HTTP 400"), WORDS, "failed", f"{WORDS} (The runtime: HTTP 400)"),
        (TurnEvent("failed", f"400 {WORDS}"), WORDS, "failed", f"400 {WORDS}"),
        (TurnEvent("failed", "HTTP 400"), "", "failed", "HTTP 400"),
        (TurnEvent("final", "hello"), WORDS, "done", "hello"),
    ],
)
async def test_words_of_the_gateway(
    tmp_path: Path, last: TurnEvent, said: str, state: str, text: str
) -> None:
    journal = Journal(tmp_path / "journal")
    line = Line(journal)
    asked: list[str] = []

    async def refusal(traceparent: str) -> str:
        asked.append(traceparent)
        return said

    turns = Turns(
        journal=journal,
        runtime=Bot(last),  # type: ignore[arg-type]
        line=lambda: line,  # type: ignore[arg-type, return-value]
        clock=SystemClock(),
        faults=Faults(),
        output=tmp_path / "out",
        refusal=refusal,
    )
    params = {"text": "hi", "traceparent": "the turn's"}
    turns.take(Command("turn_1", "turn", "2040-01-01T00:00:00+00:00", params))
    await asyncio.wait_for(line.over.wait(), 10)
    entry = journal.latest("turn_1")
    assert entry is not None
    assert (entry.state, entry.text) == (state, text)
    assert asked == (["the turn's"] if state == "failed" else []), "only failures are asked about"
    await turns.close()
