"""A bot's whole life under its supervisor, with the echo runtime and no walls."""

from __future__ import annotations

import json
import os

import msgspec

from homarus.ports.target import PlacementState
from homarus.protocol.supervisor import Channel, File, RunState, Skill
from homarus.supervisor import ownership
from homarus.testing.machine import Machine, unit_of
from homarus.testing.model_double import ModelDouble


def echo(revision: str = "r1", **settings):
    return unit_of(revision, isolation="plain", settings=settings)


async def test_a_bot_starts_answers_and_stops(machine: Machine) -> None:
    handle, bot = await machine.place(echo())
    await machine.running(bot)
    assert await machine.ask(bot, "turn_1", "hello") == "echo: hello"
    assert "".join(d.text for d in bot.deltas) == "echo: hello"
    assert [f.code for f in bot.report.findings] == ["plain-isolation"]
    await machine.plane.want(bot, run=RunState.STOPPED)
    await machine.until_state(bot, RunState.STOPPED)
    assert bot.report.pid == 0
    await machine.target.stop(handle=handle, grace_s=5)
    seen = await machine.target.observe(handles=[handle])
    assert list(seen.values()) == [PlacementState.GONE]


async def test_a_repeated_command_is_answered_once(machine: Machine) -> None:
    _, bot = await machine.place(echo(crash_after_turns=1))
    await machine.running(bot)
    assert await machine.ask(bot, "turn_1", "hello") == "echo: hello"
    bot.results.clear()
    # A second delivery would be the bot's second turn, and kill it.
    assert await machine.ask(bot, "turn_1", "hello") == "echo: hello"
    assert bot.report.restarts == 0


async def test_a_refused_revision_leaves_the_old_one_running(machine: Machine) -> None:
    _, bot = await machine.place(echo())
    await machine.running(bot)
    pid, applied = bot.report.pid, bot.report.applied
    await machine.plane.want_unit(bot, echo("r2", refuse="I do not like it"))
    await machine.plane.until(lambda: bot.report.rejected)
    assert bot.report.issues == (("settings.refuse", "I do not like it"),)
    assert (bot.report.pid, bot.report.applied, bot.report.run) == (pid, applied, RunState.RUNNING)
    await machine.plane.want_unit(bot, echo("r3", delay_ms=1))
    await machine.plane.until(lambda: bot.report.revision == "r3")
    assert bot.report.rejected == ""
    assert await machine.ask(bot, "turn_1", "hi") == "echo: hi"


async def test_a_first_revision_that_is_refused_fails_with_the_words(machine: Machine) -> None:
    _, bot = await machine.place(echo(refuse="never"))
    await machine.until_state(bot, RunState.FAILED)
    assert "never" in bot.report.reason
    await machine.plane.order(bot, "turn_1", "turn", text="x", traceparent="")
    await machine.plane.until(lambda: bot.outcome("turn_1"))
    assert bot.outcome("turn_1").state == "failed"


async def test_five_deaths_open_the_breaker(machine: Machine) -> None:
    _, bot = await machine.place(echo(exit_code=3))
    await machine.until_state(bot, RunState.FAILED, within_s=60)
    assert "5 times" in bot.report.reason
    assert "told to exit with 3" in bot.report.reason
    await machine.plane.want(bot, restart_nonce=1)
    await machine.until_state(bot, RunState.STARTING)


async def test_channels_and_skills_come_with_the_report_and_go_with_the_runtime(
    machine: Machine,
) -> None:
    has = {"channels": [{"name": "telegram", "detail": "polling"}], "skills": [{"name": "greet"}]}
    _, bot = await machine.place(echo(inventory=has))
    await machine.running(bot)
    await machine.plane.until(lambda: bot.report.inventory)
    told = bot.report.inventory
    assert told.channels == (Channel("telegram", "running", "polling"),)
    assert told.skills == (Skill("greet", True, "", "script"),)
    await machine.plane.want(bot, run=RunState.STOPPED)
    await machine.plane.until(lambda: bot.report.inventory is None)
    await machine.until_state(bot, RunState.STOPPED)


async def test_a_bot_that_does_not_say_what_it_has_runs_all_the_same(machine: Machine) -> None:
    _, bot = await machine.place(echo(inventory={"channels": [{"name": "x", "state": "odd"}]}))
    await machine.plane.until(lambda: bot.report and bot.report.inventory)
    assert "could not be read" in bot.report.inventory.problem
    assert bot.report.run is RunState.RUNNING
    assert await machine.ask(bot, "turn_1", "hello") == "echo: hello"


async def test_pause_and_resume_reach_the_running_bot(machine: Machine) -> None:
    _, bot = await machine.place(echo())
    await machine.running(bot)
    pid = bot.report.pid
    await machine.plane.want(bot, run=RunState.PAUSED)
    await machine.until_state(bot, RunState.PAUSED)
    await machine.plane.order(bot, "turn_1", "turn", text="x", traceparent="")
    await machine.plane.until(lambda: bot.outcome("turn_1"))
    assert bot.outcome("turn_1").state == "failed"
    await machine.plane.want(bot, run=RunState.RUNNING)
    await machine.running(bot)
    assert bot.report.pid == pid
    assert await machine.ask(bot, "turn_2", "hi") == "echo: hi"


async def test_paused_while_it_starts_it_comes_up_paused(machine: Machine) -> None:
    _, bot = await machine.place(echo(never_ready=True))
    await machine.until_state(bot, RunState.STARTING)
    first = bot.report.pid
    await machine.plane.want(bot, run=RunState.PAUSED)
    await machine.plane.until(lambda: bot.report.pid not in (0, first))
    config = machine.folder(machine.handles[0]) / "config" / "echo.json"
    assert json.loads(config.read_text())["paused"] == "yes"


async def test_restart_gives_another_process(machine: Machine) -> None:
    _, bot = await machine.place(echo())
    await machine.running(bot)
    pid = bot.report.pid
    await machine.plane.want(bot, restart_nonce=1)
    await machine.plane.until(
        lambda: bot.report.restart_nonce == 1 and bot.report.run is RunState.RUNNING
    )
    assert bot.report.pid != pid


async def test_a_bot_cannot_bar_its_own_next_start(machine: Machine) -> None:
    unit = echo()
    ours = File("workspace", "AGENTS.md", "block", "be kind")
    _, bot = await machine.place(msgspec.structs.replace(unit, files=(*unit.files, ours)))
    await machine.running(bot)
    state = machine.home / "bots" / "bot_A" / "state"
    (state / "workspace").rename(state / "old")
    (state / "workspace").write_text("no folder")
    config = machine.folder(machine.handles[0]) / "config" / "echo.json"
    config.unlink()
    config.mkdir()
    await machine.plane.want(bot, restart_nonce=1)
    await machine.plane.until(
        lambda: bot.report.restart_nonce == 1 and bot.report.run is RunState.RUNNING
    )
    found = {finding.code: finding.message for finding in bot.report.findings}
    assert "workspace.replaced-1" in found["workspace-in-the-way"]
    assert "be kind" in (state / "workspace" / "AGENTS.md").read_text()
    await machine.plane.want(bot, restart_nonce=2)
    await machine.plane.until(
        lambda: bot.report.restart_nonce == 2 and bot.report.run is RunState.RUNNING
    )
    assert "workspace-in-the-way" not in {finding.code for finding in bot.report.findings}


async def test_logs_are_read_by_cursor(machine: Machine) -> None:
    _, bot = await machine.place(echo())
    await machine.running(bot)
    await machine.plane.order(bot, "logs_1", "logs", cursor="-1", limit="1000")
    await machine.plane.until(lambda: bot.outcome("logs_1"))
    page = json.loads(bot.outcome("logs_1").text)
    assert "echo serves" in page["text"]
    await machine.plane.order(bot, "logs_2", "logs", cursor=str(page["cursor"]), limit="1000")
    await machine.plane.until(lambda: bot.outcome("logs_2"))
    assert "echo serves" not in json.loads(bot.outcome("logs_2").text)["text"]


async def test_what_it_prints_stays_bounded_while_it_runs(machine: Machine) -> None:
    _, bot = await machine.place(echo())
    await machine.running(bot)
    output = machine.folder(machine.handles[0]) / "runtime.log"
    with output.open("ab") as flood:
        flood.write(b"flood\n" * (2 << 20))
    await machine.plane.until(lambda: output.stat().st_size < 2 << 20)
    assert b"flood\nflood\n" in output.read_bytes()


async def test_a_lost_connection_changes_nothing_but_the_epoch(machine: Machine) -> None:
    _, bot = await machine.place(echo())
    await machine.running(bot)
    pid = bot.report.pid
    await machine.plane.close()
    await machine.plane.open()
    await machine.plane.until(lambda: bot.epoch == 2 and bot.heartbeats)
    assert bot.report.pid == pid
    assert await machine.ask(bot, "turn_1", "still there") == "echo: still there"


async def test_a_fenced_generation_stops_its_bot_and_never_comes_back(machine: Machine) -> None:
    handle, bot = await machine.place(echo())
    await machine.running(bot)
    await machine.plane.fence(bot)
    state = []

    def gone() -> bool:
        state[:] = machine.processes(handle)
        return not state

    await machine.plane.until(gone)
    seen = await machine.target.observe(handles=[handle])
    assert list(seen.values()) == [PlacementState.GONE]


async def test_new_secret_values_reach_the_running_bot(machine: Machine) -> None:
    _, bot = await machine.place(echo())
    await machine.running(bot)
    before, pid = bot.report.secret_fingerprints, bot.report.pid
    machine.plane.secrets["bot_A"]["HOMARUS_GATEWAY_KEY"] = "another"
    await machine.plane.want(bot, secrets_version=2)
    await machine.plane.until(lambda: bot.report.secrets_version == 2)
    assert bot.report.secret_fingerprints != before
    assert bot.report.pid == pid


async def test_a_secret_without_value_is_waited_for(machine: Machine) -> None:
    machine.plane.secrets = {"bot_A": {}}
    _, bot = await machine.place(echo())
    await machine.plane.until(lambda: bot.report and "HOMARUS_GATEWAY_KEY" in bot.report.reason)
    assert bot.report.run is RunState.WAITING
    machine.plane.secrets["bot_A"]["HOMARUS_GATEWAY_KEY"] = "here"
    await machine.running(bot)


async def test_a_rewritten_policy_is_restored_and_found(machine: Machine) -> None:
    handle, bot = await machine.place(echo())
    await machine.running(bot)
    config = machine.folder(handle) / "config" / "echo.json"
    before = config.read_text()
    config.write_text("{}")
    await machine.plane.until(
        lambda: "config-drift" in [finding.code for finding in bot.report.findings]
    )
    assert config.read_text() == before


async def test_it_asks_the_model_through_our_gateway_with_its_own_key(machine: Machine) -> None:
    async with ModelDouble() as model:
        machine.gateway_url = model.url
        _, bot = await machine.place(echo())
        await machine.running(bot)
        assert await machine.ask(bot, "turn_1", "hello") == model.answer
        assert bot.outcome("turn_1").usage == {"input": 120, "output": 7}
        assert model.calls[0]["authorization"] == "Bearer key-of-bot_A"


async def test_who_starts_waits_for_its_turn(machine: Machine) -> None:
    slots = machine.home / "run" / ".host" / "slots"
    slots.mkdir(parents=True)
    taken = ownership.take(slots / "start-0.lock")
    bots = [(await machine.place(echo(), bot=f"bot_{n}"))[1] for n in range(3)]
    for bot in bots:
        await machine.plane.until(
            lambda bot=bot: bot.report and bot.report.reason == "waiting: start slot"
        )
    os.close(taken)
    for bot in bots:
        await machine.running(bot)
    assert [bot.report.restarts for bot in bots] == [0] * 3


async def test_a_bot_that_is_never_ready_is_given_up(machine: Machine) -> None:
    _, bot = await machine.place(echo(never_ready=True, ready_within_s=1))
    await machine.until_state(bot, RunState.FAILED, within_s=80)
    assert "5 times" in bot.report.reason


async def test_the_start_waits_for_memory(machine: Machine) -> None:
    first, one = await machine.place(unit_of(isolation="plain", resources={"memory_mb": 3000}))
    await machine.running(one)
    _, two = await machine.place(
        unit_of(isolation="plain", resources={"memory_mb": 3000}), bot="bot_B"
    )
    await machine.until_state(two, RunState.WAITING)
    await machine.plane.until(lambda: two.report.reason.startswith("waiting: memory"))
    await machine.target.stop(handle=first, grace_s=5)
    await machine.running(two)
