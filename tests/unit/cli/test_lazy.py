"""A command imports what it needs, and nothing of the others."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import homarus

PROGRAM = """
import json, sys
from homarus.cli.main import execute
from homarus.roles.main import COMMANDS
code = execute(sys.argv[1:], COMMANDS)
print(json.dumps({"code": code, "modules": sorted(sys.modules)}))
"""
SERVER = {"sqlalchemy", "fastapi", "uvicorn", "aiohttp", "structlog", "cryptography"}
LAUNCHER = {"homarus.roles.up", "homarus.settings", "pydantic_settings"}
CLIENT = {"httpx2", "homarus.client.api", "yaml"}


def ran(home: Path, *arguments: str) -> tuple[int, str, set[str]]:
    """Run a command in a process of its own; its code, its output, the modules it imported."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("HOMARUS_", "COVERAGE"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**env, "HOMARUS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    *said, last = done.stdout.splitlines()
    told = json.loads(last)
    return told["code"], "\n".join(said), set(told["modules"])


@pytest.mark.parametrize("arguments", [["version"], ["--version"]])
def test_the_version_needs_no_client(tmp_path: Path, arguments: list[str]) -> None:
    code, said, modules = ran(tmp_path, *arguments)
    assert (code, said) == (0, f"homarus {homarus.__version__}")
    assert not modules & (SERVER | LAUNCHER | CLIENT)


def test_a_list_needs_the_client_and_no_other_noun(tmp_path: Path) -> None:
    code, _, modules = ran(tmp_path, "bot", "list")
    assert code == 6, "there is no credential in this home"
    assert "httpx2" in modules
    assert not modules & (SERVER | LAUNCHER | {"homarus.cli.audit", "homarus.cli.user"})


def test_help_shows_every_command(tmp_path: Path) -> None:
    _, said, _ = ran(tmp_path, "--help")
    for name in ("up", "doctor", "login", "kill", "bot", "audit", "--version"):
        assert name in said


def test_a_misspelt_command_is_named_before_anything_is_imported(tmp_path: Path) -> None:
    code, _, modules = ran(tmp_path, "bott")
    assert code == 2
    assert "homarus.cli.bot" not in modules


def test_every_command_that_the_console_names_is_there(tmp_path: Path) -> None:
    texts = Path(__file__).parents[3] / "dashboard/src/texts"
    named = {
        command
        for file in texts.glob("*.ts")
        for command in re.findall(r"homarus ([a-z-]+(?: [a-z-]+)*)", file.read_text())
    }
    assert {"up", "user link"} <= named
    for command in named:
        code, _, _ = ran(tmp_path, *command.split(), "--help")
        assert code == 0, f"homarus {command}"
