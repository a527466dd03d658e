"""``homarus doctor`` of somebody who may not have everything tried."""

from __future__ import annotations

import asyncio

import pytest
from tests.integration.api.conftest import Cli

from homarus.cli.main import execute
from homarus.core.scopes import Role
from homarus.roles.main import COMMANDS


async def test_a_viewer_is_told_which_scope_is_missing(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, token = await cli.ours.add_user("ann", Role.VIEWER)
    monkeypatch.setenv("HOMARUS_TOKEN", token)
    assert await asyncio.to_thread(execute, ["doctor"], COMMANDS) == 7
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "This needs provider:write." in printed.err
    assert "docs/reference/roles.md" in printed.err
