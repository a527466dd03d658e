"""What a person reads when the AI gateway says no to the real OpenClaw, and that it ends there.

The gateway is the real one, in this process; the control plane that grants it allowance is a
function of the test.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from homarus.adapters.targets.local.target import LocalTarget
from homarus.gateway.snapshot import build
from homarus.protocol import gateway as wire
from homarus.protocol.supervisor import Result
from homarus.testing.control_plane import FakeControlPlane, Subject
from homarus.testing.gateway_rig import KEY, PEPPER, Rig, demo_model, gateway, tables
from homarus.testing.machine import Machine, unit_of

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
QUICKLY_S = 20.0
"""Retries of what a person must change took OpenClaw one to two minutes."""


@dataclass
class Bot:
    """A running OpenClaw, and the gateway that it calls."""

    rig: Rig
    plane: FakeControlPlane
    subject: Subject
    rows: wire.Tables
    version: int = 1
    turns: int = 0
    broke: bool = False
    took_s: list[float] = field(default_factory=list)

    def configure(self, rows: wire.Tables) -> None:
        self.version += 1
        self.rig.worker.load(build(self.version, PEPPER, rows))
        self.rig.worker.confirm()

    def answer(self, ask: wire.LeaseAsk) -> None:
        amount = 0 if self.broke else 10**12
        lease = wire.Lease(ask.slice, amount, "the budget is used up" if self.broke else "")
        asyncio.get_running_loop().call_soon(self.rig.worker.leases.answered, lease)

    async def say(self, text: str) -> Result:
        self.turns += 1
        key = f"turn_{self.turns}"
        began = time.monotonic()
        trace = f"00-{self.turns:032x}-00f067aa0ba902b7-01"
        await self.plane.order(self.subject, key, "turn", text=text, traceparent=trace)
        await self.plane.until(lambda: self.subject.outcome(key), within_s=90)
        outcome = self.subject.outcome(key)
        assert outcome is not None
        self.took_s.append(time.monotonic() - began)
        return outcome


@pytest.fixture
async def bot(home: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    async with (
        demo_model() as url,
        gateway(tmp_path / "spool", tables(url)) as rig,
        FakeControlPlane(heartbeat_s=1.0) as plane,
    ):
        plane.secrets["bot_A"] = {"HOMARUS_GATEWAY_KEY": KEY}
        target = LocalTarget(home=home, install_id=f"install-{home.name}", testing=True)
        machine = Machine(home, target, plane, gateway_url=f"http://127.0.0.1:{rig.port}")
        try:
            _, subject = await machine.place(unit_of(runtime="openclaw", model="demo"))
            await machine.running(subject, within_s=300)
            made = Bot(rig, plane, subject, tables(url))
            rig.worker.leases.transmit = made.answer
            yield made
        finally:
            await machine.close()


async def test_every_no_is_told_in_words_and_over_once_it_is_mended(bot: Bot) -> None:
    assert (await bot.say("demo:say fine")).text == "fine"
    rows = bot.rows
    elsewhere = msgspec.structs.replace(rows.routes[0], name="other")
    cases = {
        "This bot is paused": msgspec.structs.replace(
            rows, keys=(msgspec.structs.replace(rows.keys[0], paused=True),)
        ),
        "No route is named `demo`. Known: other.": msgspec.structs.replace(
            rows, routes=(elsewhere,)
        ),
    }
    for words, spoiled in cases.items():
        bot.configure(spoiled)
        refused = await bot.say("hello")
        assert (refused.state, refused.text[: len(words)]) == ("failed", words)
        bot.configure(rows)
        assert (await bot.say("demo:say fine again")).text == "fine again"

    bot.rig.worker.slices.surrender("bgt_1")
    bot.broke = True
    refused = await bot.say("hello")
    words = "The budget of bot hello is used up for its current window."
    assert (refused.state, refused.text[: len(words)]) == ("failed", words)
    bot.broke = False
    await asyncio.sleep(1.1)  # for so long the gateway believes the control plane's no
    assert (await bot.say("demo:say paid")).text == "paid", "its key is trusted still"

    # OpenClaw made one call a refusal: it was told, and did not try on.
    assert bot.rig.worker.cells.refusals == {"paused": 1, "no_route": 1, "budget": 1}
    assert max(bot.took_s) < QUICKLY_S, bot.took_s
