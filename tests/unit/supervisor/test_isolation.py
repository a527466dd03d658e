"""What is said where no sandbox can be had."""

from __future__ import annotations

import shutil
import sys

import pytest

from homarus.supervisor.isolation import sandbox_problem


def test_another_system_is_not_sent_to_plain_isolation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    problem = sandbox_problem()
    assert problem is not None
    assert "Linux only" in problem.message
    assert "virtual machine" in problem.hint
    assert "plain" not in problem.hint


def test_a_linux_without_bubblewrap_is_told_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    problem = sandbox_problem()
    assert problem is not None
    assert "apt-get install bubblewrap" in problem.hint
    assert "plain" in problem.hint
