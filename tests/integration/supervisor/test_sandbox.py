"""The walls: a shell inside a sandboxed bot finds nothing that is not its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from homarus.ports.target import PlacementState
from homarus.supervisor.isolation import sandbox_problem
from homarus.testing.machine import Machine, unit_of

pytestmark = pytest.mark.skipif(sandbox_problem() is not None, reason="bubblewrap is missing")
MARKED = "planted-marker-value"


async def shell(machine: Machine, bot, key: str, command: str) -> str:
    await machine.plane.order(bot, key, "turn", text=f"$ {command}", traceparent="")
    await machine.plane.until(lambda: bot.outcome(key))
    assert bot.outcome(key).state == "done", bot.outcome(key)
    return bot.outcome(key).text


async def test_a_shell_reads_only_what_is_its_own(machine: Machine) -> None:
    machine.home.chmod(0o700)
    for name in ("master.key", "homarus.db", "cli.json"):
        (machine.home / name).write_text(MARKED)
    other_handle, other = await machine.place(unit_of(isolation="sandbox"), bot="bot_B")
    machine.plane.secrets["bot_B"]["HOMARUS_GATEWAY_KEY"] = MARKED
    _, bot = await machine.place(unit_of(isolation="sandbox", tools={"exec": "full"}))
    await machine.running(bot)
    await machine.running(other)
    (machine.home / "bots" / "bot_B" / "state" / "private").write_text(MARKED)
    assert (await shell(machine, bot, "t0", "echo alive; pwd")) == "alive\n/homarus/home\n"
    searched = f"{machine.home} /root /home /var /mnt /tmp /run /homarus /proc"
    found = await shell(
        machine, bot, "t1", f"grep -rlsI {MARKED} {searched} --exclude-dir=task | head; true"
    )
    # Its own command line holds the marker because the marker was typed into it.
    assert [line for line in found.split() if not line.endswith("/cmdline")] == []
    for name in ("master.key", "homarus.db", "cli.json", "bots/bot_B/state/private"):
        answer = await shell(machine, bot, f"t-{name}", f"cat {machine.home / name}")
        assert MARKED not in answer
    own = int(await shell(machine, bot, "t2", "cat /proc/[0-9]*/environ | tr '\\0' '\\n' | wc -l"))
    assert own > 0
    assert f"{other_handle.data['nonce']}" not in await shell(
        machine, bot, "t3", "cat /proc/[0-9]*/environ | tr '\\0' '\\n'"
    )
    refused = await shell(machine, bot, "t4", "echo x > /homarus/config/echo.json; echo y > /usr/x")
    assert refused.count("Read-only file system") == 2
    assert (await shell(machine, bot, "t5", "id -u")).strip() != "0"


async def test_nothing_survives_the_kill_of_its_supervisor(machine: Machine) -> None:
    handle, bot = await machine.place(unit_of(isolation="sandbox", settings={"escape": True}))
    await machine.running(bot)
    assert len(machine.processes(handle)) > 3
    machine.kill_supervisor(handle)

    def gone() -> bool:
        return not machine.processes(handle)

    # The kernel does it: nobody sweeps here.
    await machine.plane.until(gone, within_s=5)
    seen = await machine.target.observe(handles=[handle])
    assert list(seen.values()) == [PlacementState.GONE]


def test_the_staged_home_keeps_its_mode(home: Path) -> None:
    assert home.stat().st_mode & 0o077 == 0
