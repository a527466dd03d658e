"""The real OpenClaw under its supervisor. Each start takes ten to twenty seconds."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import msgspec
import pytest

from homarus.protocol.supervisor import RunState, RunUnit
from homarus.supervisor import procfs
from homarus.testing.control_plane import Subject
from homarus.testing.machine import Machine, armed, unit_of
from homarus.testing.model_double import ModelDouble
from homarus.testing.telegram_double import TelegramDouble

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
START_S = 300


def claw(revision: str = "r1", **spec) -> RunUnit:
    return unit_of(revision, runtime="openclaw", **spec)


def edited(unit: RunUnit, old: str, new: str) -> RunUnit:
    """The unit with its rendered configuration spoiled behind our own judge's back."""
    files = tuple(
        msgspec.structs.replace(f, content=f.content.replace(old, new)) for f in unit.files
    )
    assert files != unit.files
    return msgspec.structs.replace(unit, revision=unit.revision + "-edited", files=files)


def files_with(machine: Machine, words: str) -> list[str]:
    every = (path for folder in ("bots", "run") for path in (machine.home / folder).rglob("*"))
    return [str(one) for one in every if one.is_file() and words.encode() in one.read_bytes()]


def shown(process: procfs.ProcessId) -> bytes:
    """What anyone with our rights sees of a process: its environment and arguments."""
    names = ("environ", "cmdline")
    return b"".join(Path(f"/proc/{process.pid}/{name}").read_bytes() for name in names)


async def test_it_answers_through_our_gateway_and_edits_are_judged(
    machine: Machine, model: ModelDouble
) -> None:
    handle, bot = await machine.place(claw(persona="You are a lobster.", goals=("wave",)))
    await machine.running(bot, within_s=START_S)
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    await machine.plane.order(bot, "turn_1", "turn", text="hello", traceparent=trace)
    await machine.plane.until(lambda: bot.outcome("turn_1"), within_s=90)
    assert bot.outcome("turn_1").text == model.answer
    assert "".join(d.text for d in bot.deltas) == model.answer
    assert (bot.outcome("turn_1").usage["input"], bot.outcome("turn_1").usage["output"]) == (120, 7)
    assert model.calls[0]["authorization"] == "Bearer key-of-bot_A"
    assert model.calls[0]["traceparent"].split("-")[1] == trace.split("-")[1]
    prompt = str(model.bodies[0])
    assert "You are a lobster." in prompt
    assert "- wave" in prompt
    # The key is on no disk of this machine, and in no process's environment or arguments.
    assert files_with(machine, "key-of-bot_A") == []
    for process in procfs.marked()[str(handle.data["nonce"])]:
        assert b"key-of-bot_A" not in shown(process)

    # A new key reaches the running bot, with no new start.
    machine.plane.secrets["bot_A"]["HOMARUS_GATEWAY_KEY"] = "rotated-key"
    pid = bot.report.pid
    await machine.plane.want(bot, secrets_version=2)
    await machine.plane.until(lambda: bot.report.secrets_version == 2)
    await machine.ask(bot, "turn_rotated", "again")
    assert model.calls[-1]["authorization"] == "Bearer rotated-key"
    assert bot.report.pid == pid

    # The runtime's own validator refuses a candidate beside the running bot.
    await machine.plane.want_unit(bot, edited(claw("r2"), '"logging"', '"bogus"'))
    await machine.plane.until(lambda: bot.report.rejected, within_s=60)
    assert 'Unrecognized key: "bogus"' in bot.report.issues[0][1]
    assert (bot.report.run, bot.report.revision) == (RunState.RUNNING, "r1")

    # What the bot wrote around our block survives a new revision.
    soul = machine.home / "bots" / "bot_A" / "state" / "workspace" / "SOUL.md"
    soul.write_text(soul.read_text() + "\nI remember the sea.\n")
    await machine.plane.want_unit(bot, claw("r3", persona="You are a crab."))
    await machine.plane.until(
        lambda: bot.report.revision == "r3" and bot.report.run is RunState.RUNNING, within_s=START_S
    )
    assert "I remember the sea." in soul.read_text()
    assert "You are a crab." in soul.read_text()
    assert "lobster" not in soul.read_text()
    await machine.ask(bot, "turn_2", "who are you")
    assert "You are a crab." in str(model.bodies[-1])
    # A turn that was answered before the restart is not asked again.
    calls = len(model.calls)
    bot.results.clear()
    assert await machine.ask(bot, "turn_1", "hello") == model.answer
    assert len(model.calls) == calls


async def test_two_of_them_live_side_by_side(machine: Machine) -> None:
    _, one = await machine.place(claw(), bot="bot_A")
    _, two = await machine.place(claw(), bot="bot_B")
    await machine.running(one, within_s=START_S)
    await machine.running(two, within_s=START_S)
    answers = await asyncio.gather(
        machine.ask(one, "turn_1", "hello"), machine.ask(two, "turn_2", "hello")
    )
    assert answers == ["lobsters wave"] * 2


async def test_a_configuration_that_only_the_start_refuses_fails_with_its_words(
    machine: Machine,
) -> None:
    _, bot = await machine.place(edited(claw(), '"mode": "local",', ""))
    await machine.until_state(bot, RunState.FAILED, within_s=START_S)
    assert "gateway.mode" in bot.report.reason
    assert bot.report.restarts == 0


def alive(machine: Machine, generation: int) -> list[procfs.ProcessId]:
    nonce = f"nonce-{machine.home.name}-bot_A-{generation}"
    return procfs.marked().get(nonce, [])


def gateways(machine: Machine) -> int:
    """How many OpenClaw gateways of this bot run, of whatever generation."""
    every = (process for generation in (1, 2, 3, 4) for process in alive(machine, generation))
    return sum(shown(process).find(b"openclaw-gateway\0") >= 0 for process in every)


@pytest.mark.parametrize("isolation", ["sandbox", "plain"])
async def test_kills_leave_at_most_one_runtime(machine: Machine, isolation: str) -> None:
    with armed("spawned"):
        await machine.place(claw(isolation=isolation))
        await machine.plane.until(lambda: not alive(machine, 1), within_s=START_S)
    handle, bot = await machine.place(claw(isolation=isolation), generation=2)
    await machine.running(bot, within_s=START_S)

    os.kill(bot.report.pid, signal.SIGKILL)
    await machine.plane.until(
        lambda: bot.report.restarts == 1 and bot.report.run is RunState.RUNNING, within_s=START_S
    )
    assert await machine.ask(bot, "turn_1", "hello") == "lobsters wave"
    assert gateways(machine) == 1

    machine.kill_supervisor(handle)
    handle, bot = await machine.place(claw(isolation=isolation), generation=3)
    await machine.running(bot, within_s=START_S)
    assert alive(machine, 2) == []
    assert gateways(machine) == 1

    pid = bot.report.pid
    machine.kill_supervisor(handle)
    os.kill(pid, signal.SIGKILL)
    _, bot = await machine.place(claw(isolation=isolation), generation=4)
    await machine.running(bot, within_s=START_S)
    assert alive(machine, 3) == []
    assert gateways(machine) == 1
    # What it said before four deaths, it still knows.
    assert await machine.ask(bot, "turn_1", "hello") == "lobsters wave"


def ticks(model: ModelDouble) -> int:
    """How often the bot's own schedule has run: sessions that know the job, not who made it."""
    said = [json.dumps(body["messages"]) for body in model.bodies]
    return sum("planted tick" in words and "tick for ever" not in words for words in said)


async def let_it_schedule_itself(machine: Machine, bot: Subject, model: ModelDouble) -> None:
    """A person asks, and the bot makes itself a job that runs every three seconds."""
    job = {
        "name": "beat",
        "schedule": {"kind": "every", "everyMs": 3000},
        "sessionTarget": "isolated",
        "wakeMode": "now",
        "payload": {"kind": "agentTurn", "message": "planted tick"},
        "delivery": {"mode": "none"},
    }
    asked = {"id": "automations", "args": {"action": "add", "job": job}}
    model.use_tool("tick for ever", "tool_call", asked)
    await machine.ask(bot, "turn_schedule", "tick for ever")
    await machine.plane.until(lambda: ticks(model), within_s=90)


async def test_paused_it_does_nothing_of_its_own_accord(
    machine: Machine, model: ModelDouble
) -> None:
    async with TelegramDouble() as telegram:
        unit = claw(
            secrets=["TG_TOKEN"],
            settings={
                "channels": {
                    "telegram": {
                        "enabled": True,
                        "apiRoot": telegram.url,
                        "botToken": {"secret": "TG_TOKEN"},
                        "dmPolicy": "open",
                        "allowFrom": ["*"],
                        "streaming": {"mode": "off"},
                    }
                },
                "agents": {"defaults": {"heartbeat": {"every": "3s", "target": "none"}}},
            },
        )
        machine.plane.secrets["bot_A"] = {"HOMARUS_GATEWAY_KEY": "k", "TG_TOKEN": "1:planted"}
        _, bot = await machine.place(unit)
        await machine.running(bot, within_s=START_S)
        telegram.write("are you there?")
        await machine.plane.until(lambda: telegram.sent and model.calls, within_s=90)
        assert telegram.tokens == {"1:planted"}
        assert files_with(machine, "1:planted") == []
        model.calls.clear()
        await machine.plane.until(lambda: model.calls, within_s=90)
        await let_it_schedule_itself(machine, bot, model)

        await machine.plane.want(bot, run=RunState.PAUSED)
        await machine.until_state(bot, RunState.PAUSED, within_s=START_S)
        polls, calls = telegram.polls, len(model.calls)
        telegram.write("and now?")
        await asyncio.sleep(12)
        assert (telegram.polls, len(model.calls)) == (polls, calls)

        await machine.plane.want(bot, run=RunState.RUNNING)
        await machine.running(bot, within_s=START_S)
        await machine.plane.until(lambda: len(telegram.sent) > 1, within_s=90)
        ticked = ticks(model)
        # OpenClaw lets a job that it missed wait for two minutes after a start.
        await machine.plane.until(lambda: ticks(model) > ticked, within_s=210)
