"""Logs are bounded, and what was written while one turned over is in it, whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from homarus.roles.log_file import last_run, old_of, turn_if_full

WRITER = """
import logging, sys, threading
from pathlib import Path
from homarus.roles.log_file import bound_stderr
from homarus.roles.logs import log_to_stderr
import structlog

bound_stderr(Path(sys.argv[1]), limit=int(sys.argv[2]))
log_to_stderr()
each, how = int(sys.argv[3]), sys.argv[4:]

def plain(n): logging.getLogger("plain").info("plain %05d", n)
def rich(n): structlog.get_logger().info("rich %05d" % n)
def printed(n): print("print", "%05d" % n, file=sys.stderr)
def long(n): print("long %05d " % n + "x" * 9000, file=sys.stderr)

def work(name):
    for n in range(each):
        globals()[name](n)

threads = [threading.Thread(target=work, args=(name,)) for name in how]
for one in threads: one.start()
for one in threads: one.join()
raise SystemError("the last words")
"""


def write(log: Path, each: int, *how: str, limit: int) -> list[str]:
    """Have a process write to ``log`` and break; return all lines that are left, oldest first."""
    with log.open("ab") as out:
        program = [sys.executable, "-c", WRITER, str(log), str(limit), str(each), *how]
        assert subprocess.run(program, stderr=out, check=False).returncode == 1
    parts = [part.read_text() for part in (old_of(log), log) if part.exists()]
    assert all(part.endswith("\n") for part in parts), "a line was cut in two"
    return "".join(parts).splitlines()


def numbers(lines: list[str], name: str) -> list[int]:
    found = [line.partition(f"{name} ")[2] for line in lines if f"{name} " in line]
    return [int(one[:5]) for one in found]


@pytest.mark.parametrize(
    ("how", "limit"), [("plain", 2_000), ("rich", 2_000), ("printed", 2_000), ("long", 20_000)]
)
def test_no_line_is_lost_or_cut_at_a_switch(tmp_path: Path, how: str, limit: int) -> None:
    log = tmp_path / "api.log"
    lines = write(log, 400, how, limit=limit)
    left = numbers(lines, "print" if how == "printed" else how)
    assert left == list(range(400 - len(left), 400))
    assert "SystemError: the last words" in lines[-1]
    assert old_of(log).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["api.log", "api.log.1"]
    for part in (log, old_of(log)):
        assert part.stat().st_size <= limit
    assert log.stat().st_mode & 0o777 == 0o600


def test_writers_side_by_side_lose_nothing(tmp_path: Path) -> None:
    """Three threads, one switch: everything is in one part or the other."""
    log = tmp_path / "api.log"
    lines = write(log, 200, "plain", "rich", "printed", limit=14_000)
    for name in ("plain", "rich", "print"):
        assert numbers(lines, name) == list(range(200))
    assert old_of(log).exists()


def test_a_log_that_was_moved_away_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    with (tmp_path / "elsewhere").open("wb") as out:
        log.write_text("somebody else's\n")
        program = [sys.executable, "-c", WRITER, str(log), "100", "50", "plain"]
        assert subprocess.run(program, stderr=out, check=False).returncode == 1
    assert log.read_text() == "somebody else's\n"
    assert numbers((tmp_path / "elsewhere").read_text().splitlines(), "plain") == list(range(50))


def test_a_full_log_makes_room_for_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    turn_if_full(log, limit=10)
    log.write_text("short\n")
    turn_if_full(log, limit=10)
    assert not old_of(log).exists()
    log.write_text("longer than that\n")
    turn_if_full(log, limit=10)
    assert old_of(log).read_text() == "longer than that\n"
    assert last_run(log) == []
