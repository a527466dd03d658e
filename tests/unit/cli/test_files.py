"""Files that cannot be used are the user's to mend, and no fault of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from homarus.cli.main import execute


def test_a_file_that_is_not_there_is_said_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "nope.jsonl"
    assert execute(["audit", "verify", str(missing)]) == 3
    said = capsys.readouterr().err
    assert f"{missing}: No such file or directory." in said
    assert "Traceback" not in said
