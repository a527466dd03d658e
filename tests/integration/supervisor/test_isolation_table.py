"""What the isolation page says a bot's process can do, tried by one: row by row, both columns."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from homarus.supervisor.isolation import sandbox_problem
from homarus.testing.control_plane import Subject
from homarus.testing.machine import Machine, unit_of

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "isolation.md"
PYTHON = Path(sys.executable).resolve()
ELSEWHERE = "outlive its supervisor"
"""Shown by kill -9 in `test_sandbox` and `test_kills`."""
_ASK = """
import json, socket
line = socket.socket(socket.AF_UNIX)
line.connect("{socket}")
line.sendall(b'{{"ids": ["HOMARUS_GATEWAY_KEY"]}}\\n')
print(json.loads(line.makefile().readline())["values"])
"""


@dataclass
class Inside:
    """A shell in one bot, beside another bot, on a machine with things to find."""

    machine: Machine
    bot: Subject
    state: Path
    config: Path
    runtime: Path
    socket: Path
    asked: int = 0

    async def sh(self, command: str) -> str:
        self.asked += 1
        key = f"t{self.asked}"
        return await self.machine.ask(self.bot, key, f"$ {command}")


async def own_state(inside: Inside) -> bool:
    said = await inside.sh(
        f"for d in {inside.state} {inside.state}/workspace $HOME; do "
        "mkdir -p $d; echo mine > $d/probe && cat $d/probe; done"
    )
    return said == "mine\n" * 3


async def reads_config(inside: Inside) -> bool:
    return '"persona"' in await inside.sh(f"cat {inside.config}/echo.json")


async def changes_config(inside: Inside) -> bool:
    said = await inside.sh(f"echo >> {inside.config}/echo.json && echo done")
    return said == "done\n"


async def reads_system(inside: Inside) -> bool:
    wanted = f"/usr/bin/env {inside.runtime}/bot.py /etc/hosts /etc/passwd"
    return await inside.sh(f"head -qc1 {wanted} | wc -c") == "4\n"


async def reads_ours(inside: Inside) -> bool:
    home = inside.machine.home
    said = await inside.sh(f"cat {home}/master.key {home}/homarus.sqlite {home}/cli.json")
    return said == "ours" * 3


async def reads_others(inside: Inside) -> bool:
    other = inside.machine.home / "bots" / "bot_B" / "state" / "private"
    return await inside.sh(f"cat {other}") == "theirs"


async def sees_processes(inside: Inside) -> bool:
    pid = os.getpid()
    said = await inside.sh(
        f"kill -0 {pid} && tr '\\0' '\\n' < /proc/{pid}/environ | grep -c . && echo seen"
    )
    return said.endswith("seen\n")


async def reaches_loopback(inside: Inside) -> bool:
    port = inside.machine.plane.url.rpartition(":")[2]
    return await inside.sh(f"bash -c 'echo > /dev/tcp/127.0.0.1/{port}' && echo in") == "in\n"


async def reads_its_secrets(inside: Inside) -> bool:
    script = inside.state / "ask.py"
    text = _ASK.format(socket=inside.socket)
    said = await inside.sh(f"cat > {script} <<'END'\n{text}END\n{PYTHON} -I -S {script}")
    return "key-of-bot_A" in said


PROBES: dict[str, Callable[[Inside], Awaitable[bool]]] = {
    "read and write its own state, workspace and home": own_state,
    "read its own rendered configuration": reads_config,
    "read `/usr`, the runtime's files, a few files of `/etc`": reads_system,
    "read the master key, the database, the CLI credential": reads_ours,
    "read another bot's files": reads_others,
    "see or signal other processes, read their environment": sees_processes,
    "reach the network, loopback included": reaches_loopback,
    "read the secrets it was given": reads_its_secrets,
    # Last: in the open it spoils the configuration, which the supervisor then puts back.
    "change its own rendered configuration": changes_config,
}


def claims() -> dict[str, dict[str, bool]]:
    """The page's table: by row, whether each isolation lets a process do it."""
    lines = [line.split("|")[1:-1] for line in PAGE.read_text().splitlines() if line[:1] == "|"]
    cells = [[cell.strip() for cell in line] for line in lines if "---" not in line[0]]
    head = [name.strip("`") for name in cells[0][1:]]
    return {
        row[0]: {kind: "yes" in cell for kind, cell in zip(head, row[1:], strict=True)}
        for row in cells[1:]
    }


async def enter(machine: Machine, kind: str) -> Inside:
    for name in ("master.key", "homarus.sqlite", "cli.json"):
        path = machine.home / name
        path.write_text("ours")
        path.chmod(0o600)
    unit = unit_of(isolation=kind, tools={"exec": "full"})
    _, other = await machine.place(unit_of(isolation=kind), bot="bot_B")
    handle, bot = await machine.place(unit)
    await machine.running(bot)
    await machine.running(other)
    private = machine.home / "bots" / "bot_B" / "state" / "private"
    private.write_text("theirs")
    private.chmod(0o600)
    if kind == "sandbox":
        walls = Path("/homarus")
        place = (walls / "state", walls / "config", walls / "runtime", walls / "socket")
    else:
        run = machine.folder(handle)
        store = machine.home / "runtimes" / "echo-1"
        place = (machine.home / "bots" / "bot_A" / "state", run / "config", store, run / "socket")
    return Inside(machine, bot, *place[:3], place[3] / "secrets.sock")


def test_every_row_of_the_page_is_tried() -> None:
    assert set(claims()) == {*PROBES, ELSEWHERE}


@pytest.mark.skipif(sandbox_problem() is not None, reason="bubblewrap is missing")
@pytest.mark.parametrize("kind", ["sandbox", "plain"])
async def test_a_bots_process_can_do_what_the_page_says(machine: Machine, kind: str) -> None:
    inside = await enter(machine, kind)
    found = {row: await probe(inside) for row, probe in PROBES.items()}
    assert found == {row: cells[kind] for row, cells in claims().items() if row in found}


@pytest.mark.skipif(sandbox_problem() is not None, reason="bubblewrap is missing")
async def test_nothing_of_the_machine_can_be_written_inside(machine: Machine) -> None:
    inside = await enter(machine, "sandbox")
    folders = (Path("/usr"), inside.runtime, inside.config, inside.socket.parent)
    for path in (*(folder / "probe" for folder in folders), Path("/etc/hosts")):
        said = await inside.sh(f"echo x >> {path}")
        # Without root the file's own mode may say no first.
        assert said.count("Read-only file system") + said.count("Permission denied") == 1, path


@pytest.mark.skipif(sandbox_problem() is not None, reason="bubblewrap is missing")
async def test_inside_it_has_no_rights_and_its_scratch_is_memory(machine: Machine) -> None:
    inside = await enter(machine, "sandbox")
    status = (await inside.sh("grep -E 'CapEff|NoNewPrivs' /proc/self/status")).split()
    assert status == ["CapEff:", "0" * 16, "NoNewPrivs:", "1"]
    assert await inside.sh("stat -f -c %T / /tmp /run") == "tmpfs\n" * 3


@pytest.mark.skipif(sandbox_problem() is not None, reason="bubblewrap is missing")
async def test_as_root_every_bot_is_a_user_of_its_own(machine: Machine) -> None:
    unit = unit_of(isolation="sandbox", tools={"exec": "full"})
    bots = [(await machine.place(unit, bot=name))[1] for name in ("bot_A", "bot_B")]
    users = []
    for bot in bots:
        await machine.running(bot)
        users.append(int(await machine.ask(bot, "t", "$ id -u")))
    if os.geteuid() == 0:
        assert len({0, *users}) == 3
    else:
        assert users == [os.geteuid()] * 2


@pytest.mark.skipif(sandbox_problem() is not None, reason="bubblewrap is missing")
async def test_its_files_change_hands_only_between_two_starts(machine: Machine) -> None:
    _, bot = await machine.place(unit_of(isolation="sandbox", tools={"exec": "full"}))
    await machine.running(bot)
    state = machine.home / "bots" / "bot_A" / "state"
    before = state.stat().st_uid
    refused = unit_of("r2", isolation="plain", settings={"refuse": "no"})
    await machine.plane.want_unit(bot, refused)
    await machine.plane.until(lambda: bot.report.rejected)
    assert state.stat().st_uid == before
    written = "$ echo kept > /homarus/state/kept && cat /homarus/state/kept"
    assert await machine.ask(bot, "t1", written) == "kept\n"
    await machine.plane.want_unit(bot, unit_of("r3", isolation="plain", tools={"exec": "full"}))
    await machine.plane.until(lambda: bot.report.revision == "r3")
    assert {path.lstat().st_uid for path in (state, state / "kept")} == {os.geteuid()}
