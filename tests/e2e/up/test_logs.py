"""The logs of a real installation stay bounded, and what matters is in them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from homarus.roles.log_file import LIMIT, STARTED, old_of
from homarus.testing.installed import Homarus, until


def test_a_full_log_turns_over_at_a_start(homarus: Homarus) -> None:
    log = homarus.home / "logs" / "api.log"
    log.parent.mkdir()
    old = b'{"event": "old"}\n' * (LIMIT // 16)
    log.write_bytes(old)
    homarus.up()
    assert old_of(log).read_bytes() == old
    assert STARTED in log.read_text()


def test_a_full_log_turns_over_while_its_part_runs(homarus: Homarus) -> None:
    """A part fills its log only in months; somebody else's bytes in it are as good."""
    homarus.up()
    homarus.echo("parrot")
    (supervisor,) = homarus.home.glob("run/bot_*/*/supervisor.log")
    gateway, api = (homarus.home / "logs" / f"{role}.log" for role in ("gateway", "api"))
    fill(gateway)
    fill(supervisor)
    api.write_bytes(b"")  # what it says from here on is of the next one
    os.kill(homarus.child("api"), signal.SIGKILL)
    for log in (gateway, supervisor):  # both note that the control plane is away
        until(old_of(log).exists, within=30, why=lambda log=log: log)
        assert log.stat().st_size < LIMIT
    until(lambda: "gateway.session_began" in api.read_text(), within=30, why=homarus.output)
    fill(api)
    os.kill(homarus.child("gateway"), signal.SIGKILL)  # it notes the end of that session
    until(old_of(api).exists, within=30, why=homarus.output)


def fill(log: Path) -> None:
    with log.open("ab") as writer:
        writer.write(b"x" * LIMIT + b"\n")
