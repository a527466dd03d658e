import os
from pathlib import Path

import pytest

from homarus.errors import DiskFull
from homarus.supervisor.journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def reopened(path: Path) -> Journal:
    return Journal(path)


def test_what_was_appended_is_known_after_a_crash(path: Path) -> None:
    journal = Journal(path)
    journal.append("t1", "accepted")
    journal.append("t1", "done", text="hi", usage={"input": 3})
    journal.append("t2", "accepted")
    again = reopened(path)
    assert (again.latest("t1").state, again.latest("t1").text) == ("done", "hi")
    assert again.latest("t1").usage == {"input": 3}
    assert again.unfinished() == ["t2"]
    assert again.latest("t3") is None


def test_a_torn_last_line_is_dropped_and_written_over(path: Path) -> None:
    Journal(path).append("t1", "accepted")
    with path.open("ab") as torn:
        torn.write(b'{"seq":2,"key":"t1","sta')
    journal = reopened(path)
    assert journal.unfinished() == ["t1"]
    journal.append("t1", "done")
    assert reopened(path).unfinished() == []


def test_pending_is_what_was_not_acknowledged(path: Path) -> None:
    journal = Journal(path)
    for key in ("a", "b", "c"):
        journal.append(key, "done")
    assert [entry.key for entry in journal.pending(0)] == ["a", "b", "c"]
    journal.ack(2)
    assert [entry.key for entry in journal.pending(0)] == ["c"]
    assert [entry.key for entry in reopened(path).pending(0)] == ["c"]
    assert journal.latest("a").state == "done"


def test_sequence_numbers_go_on_over_restarts(path: Path) -> None:
    assert Journal(path).append("a", "done").seq == 1
    assert reopened(path).append("b", "done").seq == 2


def test_compaction_forgets_old_answers_and_nothing_else(path: Path) -> None:
    journal = Journal(path)
    journal.append("open", "accepted")
    for number in range(400):
        last = journal.append(f"t{number}", "done", text="x" * 1000)
    journal.ack(last.seq)
    size = path.stat().st_size
    again = reopened(path)
    assert size < 300_000
    assert again.unfinished() == ["open"]
    assert again.latest("t399").state == "done"
    assert again.latest("t0") is None
    assert again.append("new", "accepted").seq > last.seq
    assert next(iter(again.pending(0))).key == "new"


def test_a_short_write_is_taken_back_and_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(path)
    journal.append("t1", "accepted")
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, line: real(fd, line[:7]))
    with pytest.raises(DiskFull):
        journal.append("t1", "done")
    journal.ack(1)
    monkeypatch.undo()
    assert path.read_bytes().count(b"\n") == 1
    assert journal.unfinished() == ["t1"]
    journal.append("t1", "done")
    assert reopened(path).unfinished() == []


@pytest.mark.parametrize("torn", [b'{"seq":2,"key":"t1","sta', b'{"acked"', b"\xff\x00", b""])
def test_a_bad_line_in_the_middle_is_skipped_and_logged(
    path: Path, torn: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    Journal(path).append("t1", "accepted")
    with path.open("ab") as file:
        file.write(torn + b"\n")
    Journal(path).append("t2", "accepted")
    assert reopened(path).unfinished() == ["t1", "t2"]
    assert "1 lines could not be read" in caplog.text
