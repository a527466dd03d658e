"""A bot that cannot reach its AI gateway says so, from its own side."""

from __future__ import annotations

import socket

from homarus.protocol.supervisor import RunState
from homarus.testing.machine import Machine, unit_of
from homarus.testing.model_double import ModelDouble


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_the_finding_comes_and_goes_with_the_gateway(machine: Machine) -> None:
    machine.gateway_url = f"http://127.0.0.1:{closed_port()}"
    _, bot = await machine.place(unit_of(isolation="plain"))
    await machine.running(bot)
    await machine.plane.until(lambda: len(bot.report.findings) == 2)
    found = {finding.code: finding.message for finding in bot.report.findings}
    assert machine.gateway_url in found["gateway_unreachable"]
    async with ModelDouble() as model:
        await machine.plane.want(bot, gateway_url=model.url)
        await machine.plane.until(
            lambda: [f.code for f in bot.report.findings] == ["plain-isolation"]
        )
        await machine.running(bot)
        assert await machine.ask(bot, "turn_1", "hello") == model.answer
    assert bot.report.restarts == 0


async def test_a_stopped_bot_misses_no_gateway(machine: Machine) -> None:
    machine.gateway_url = f"http://127.0.0.1:{closed_port()}"
    _, bot = await machine.place(unit_of(isolation="plain"))
    await machine.plane.until(
        lambda: bot.report and "gateway_unreachable" in {f.code for f in bot.report.findings}
    )
    await machine.plane.want(bot, run=RunState.STOPPED)
    await machine.plane.until(
        lambda: "gateway_unreachable" not in {f.code for f in bot.report.findings}
    )
