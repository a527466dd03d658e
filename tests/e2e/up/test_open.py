"""``homarus up --open``: the browser gets the right page, and is never waited for."""

from __future__ import annotations

import os
import re
from pathlib import Path

from homarus.testing.installed import Homarus, until


def browser(folder: Path, ending: str) -> tuple[Path, Path]:
    """A browser that writes down what it is asked for and whether it knows our home."""
    seen, program = folder / "seen", folder / "browser"
    program.write_text(f'#!/bin/sh\necho "$1 home=$HOMARUS_HOME" >> {seen}\n{ending}\n')
    program.chmod(0o755)
    return program, seen


def test_the_first_start_logs_in_and_a_later_one_shows_the_console(
    homarus: Homarus, folder: Path
) -> None:
    still_open = folder / "still-open"
    os.mkfifo(still_open)
    program, seen = browser(folder, f"read line < {still_open}")
    homarus.more = {"BROWSER": str(program)}

    homarus.up("--no-bot", "--open")
    until(seen.exists, within=20)
    link = re.search(r"http://\S+/login#hlk_\S+", homarus.output())
    assert link
    assert seen.read_text() == f"{link[0]} home=\n"
    assert homarus.down() == 0, "a browser that stays open was waited for"

    homarus.up("--no-bot", "--open")
    console = f"http://127.0.0.1:{homarus.ports[0]}/"
    until(lambda: len(seen.read_text().splitlines()) == 2, within=20)
    assert seen.read_text().splitlines()[1] == f"{console} home="
    again = r"console +(\S+)  \(logged out\? homarus (user link owner@localhost)\)"
    said = re.search(again, homarus.output())
    assert said
    assert said[1] == console
    assert "/login#hlk_" in homarus.cli(*said[2].split())
    assert homarus.down() == 0
    # One line per browser that waits; a writer that comes after all have read would block.
    with open(os.open(still_open, os.O_RDWR), "w") as closing:
        closing.write("\n\n")


def test_a_start_without_a_browser_is_a_start(homarus: Homarus, folder: Path) -> None:
    program, seen = browser(folder, "exit 3")
    homarus.more = {"BROWSER": str(program)}
    homarus.up("--no-bot", "--open")
    until(lambda: "no browser could be opened here" in homarus.output(), within=20)
    assert seen.exists()
    assert homarus.down() == 0
