import os
import secrets
from pathlib import Path

import pytest

from homarus.errors import ActionRequired, Permanent
from homarus.kit.files import write_atomic
from homarus.protocol.supervisor import File
from homarus.supervisor import files as workspace_files
from homarus.supervisor.bot_folder import READ_LIMIT
from homarus.supervisor.files import (
    BEGIN,
    END,
    below,
    fill,
    merge_block,
    restore,
    write_config,
    write_workspace,
)


def file(path: str, content: str, owner: str = "managed", area: str = "workspace") -> File:
    return File(area, path, owner, content)


def test_marks_are_filled_and_unknown_ones_stay() -> None:
    assert fill("@{PORT} @{OTHER} @port", {"PORT": "1"}) == "1 @{OTHER} @port"


class TestBlocks:
    def test_ours_comes_first_and_theirs_stays(self) -> None:
        assert merge_block("mine\n", "ours") == f"{BEGIN}\nours\n{END}\n\nmine\n"

    def test_only_our_section_is_replaced(self) -> None:
        once = merge_block("", "old")
        edited = "above\n" + once + "below\n"
        assert merge_block(edited, "new") == "above\n" + merge_block("", "new") + "below\n"

    def test_repeating_it_changes_nothing(self) -> None:
        once = merge_block("mine\n", "ours")
        assert merge_block(once, "ours") == once


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", ""])
def test_a_path_that_leaves_its_folder_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(Permanent):
        below(tmp_path, path)


class TestConfig:
    def test_the_folder_holds_exactly_what_was_rendered(self, tmp_path: Path) -> None:
        folder = tmp_path / "config"
        write_config(folder, [file("a", "1", area="config")], {}, uid=None)
        write_config(
            folder,
            [file("b", "@{X}", area="config"), file("bin/run", "#!", area="config")],
            {"X": "2"},
            uid=None,
        )
        assert sorted(p.name for p in folder.rglob("*") if p.is_file()) == ["b", "run"]
        assert (folder / "b").read_text() == "2"
        assert (folder / "b").stat().st_mode & 0o777 == 0o600
        assert (folder / "bin" / "run").stat().st_mode & 0o777 == 0o500

    def test_drift_is_undone_and_named(self, tmp_path: Path) -> None:
        folder = tmp_path / "config"
        files = [file("a", "1", area="config"), file("b", "2", area="config")]
        write_config(folder, files, {}, uid=None)
        assert restore(folder, files, {}) == []
        (folder / "a").write_text("changed")
        (folder / "b").unlink()
        (folder / "b").symlink_to("/etc/hostname")
        assert restore(folder, files, {}) == ["a", "b"]
        assert ((folder / "a").read_text(), (folder / "b").read_text()) == ("1", "2")


class TestWorkspace:
    def test_a_seeded_file_is_written_once(self, tmp_path: Path) -> None:
        write_workspace(tmp_path, [file("s", "first", "seeded")], {}, uid=None)
        write_workspace(tmp_path, [file("s", "second", "seeded")], {}, uid=None)
        assert (tmp_path / "s").read_text() == "first"

    def test_a_block_keeps_what_the_bot_wrote(self, tmp_path: Path) -> None:
        write_workspace(tmp_path, [file("b", "ours", "block")], {}, uid=None)
        (tmp_path / "b").write_text((tmp_path / "b").read_text() + "theirs\n")
        write_workspace(tmp_path, [file("b", "newer", "block")], {}, uid=None)
        assert (tmp_path / "b").read_text() == f"{BEGIN}\nnewer\n{END}\ntheirs\n"

    def test_links_that_the_bot_left_are_not_followed(self, tmp_path: Path) -> None:
        secret, workspace = tmp_path / "secret", tmp_path / "workspace"
        secret.write_text("master key")
        outside = tmp_path / "outside"
        outside.mkdir()
        workspace.mkdir()
        (workspace / "SOUL.md").symlink_to(secret)
        (workspace / "deep").symlink_to(outside)
        files = [file("SOUL.md", "x", "block"), file("deep/a", "y")]
        write_workspace(workspace, files, {}, uid=None)
        assert secret.read_text() == "master key"
        assert list(outside.iterdir()) == []
        assert "master key" not in (workspace / "SOUL.md").read_text()
        assert (workspace / "deep" / "a").read_text() == "y"

    def test_a_workspace_that_is_a_link_is_replaced(self, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (tmp_path / "workspace").symlink_to(outside)
        write_workspace(tmp_path / "workspace", [file("a", "y")], {}, uid=None)
        assert list(outside.iterdir()) == []


class TestTraps:
    """The workspace is the bot's, and the one who writes there may be root."""

    @pytest.fixture
    def victim(self, tmp_path: Path) -> Path:
        victim = tmp_path / "victim"
        victim.write_text("untouched")
        return victim

    def test_links_at_the_name_that_the_temporary_file_had(
        self, tmp_path: Path, victim: Path
    ) -> None:
        workspace = tmp_path / "workspace"
        workspace.mkdir()
        (workspace / f".a.{os.getpid()}.new").symlink_to(victim)
        write_workspace(workspace, [file("a", "ours")], {}, uid=None)
        assert victim.read_text() == "untouched"
        assert (workspace / "a").read_text() == "ours"

    def test_a_link_at_the_temporary_name_is_not_followed(
        self, tmp_path: Path, victim: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(secrets, "token_hex", lambda size: "guessed")
        workspace = tmp_path / "workspace"
        workspace.mkdir()
        (workspace / ".guessed.new").symlink_to(victim)
        with pytest.raises(ActionRequired):
            write_workspace(workspace, [file("a", "ours")], {}, uid=None)
        with pytest.raises(FileExistsError):
            write_atomic(workspace / "a", b"ours")
        assert victim.read_text() == "untouched"
        assert not (workspace / "a").exists()

    def test_a_folder_swapped_for_a_link_leads_nowhere(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outside, workspace = tmp_path / "outside", tmp_path / "workspace"
        outside.mkdir()
        (workspace / "deep").mkdir(parents=True)

        def swapping(existing: str, ours: str) -> str:
            (workspace / "deep").rename(workspace / "moved")
            (workspace / "deep").symlink_to(outside)
            return ours

        monkeypatch.setattr(workspace_files, "merge_block", swapping)
        write_workspace(workspace, [file("deep/a", "ours", "block")], {}, uid=None)
        assert list(outside.iterdir()) == []
        assert (workspace / "moved" / "a").read_text() == "ours"

    @pytest.mark.parametrize("owner", ["managed", "block", "seeded"])
    def test_a_pipe_or_a_device_is_not_opened(self, tmp_path: Path, owner: str) -> None:
        os.mkfifo(tmp_path / "a")
        write_workspace(tmp_path, [file("a", "ours", owner)], {}, uid=None)
        assert "ours" in (tmp_path / "a").read_text()

    def test_a_file_too_big_to_merge_is_kept_beside(self, tmp_path: Path) -> None:
        with (tmp_path / "a").open("wb") as big:
            big.truncate(READ_LIMIT + 1)
        write_workspace(tmp_path, [file("a", "ours", "block")], {}, uid=None)
        assert (tmp_path / "a").read_text() == merge_block("", "ours")
        assert (tmp_path / "a.replaced-1").stat().st_size == READ_LIMIT + 1

    def test_bytes_of_the_bot_that_are_no_text_stay(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"\xff\xfe")
        write_workspace(tmp_path, [file("a", "ours", "block")], {}, uid=None)
        assert (tmp_path / "a").read_bytes().endswith(b"\xff\xfe")


class TestInTheWay:
    def test_a_folder_in_place_of_a_file_is_kept_beside(self, tmp_path: Path) -> None:
        for _ in range(2):
            (tmp_path / "a").unlink(missing_ok=True)
            (tmp_path / "a").mkdir()
            (tmp_path / "a" / "note").write_text("the bot's")
            aside = write_workspace(tmp_path, [file("a", "ours", "block")], {}, uid=None)
        assert aside == [f"{tmp_path.name}/a.replaced-2"]
        assert "ours" in (tmp_path / "a").read_text()
        assert (tmp_path / "a.replaced-1" / "note").read_text() == "the bot's"

    def test_a_file_in_place_of_a_folder_is_kept_beside(self, tmp_path: Path) -> None:
        workspace = tmp_path / "workspace"
        workspace.write_text("the bot's")
        assert write_workspace(workspace, [file("a", "ours")], {}, uid=None) == [
            "workspace.replaced-1"
        ]
        assert (workspace / "a").read_text() == "ours"
        assert (tmp_path / "workspace.replaced-1").read_text() == "the bot's"

    def test_what_was_in_the_way_of_the_configuration_is_drift(self, tmp_path: Path) -> None:
        folder, files = tmp_path / "config", [file("a", "1", area="config")]
        write_config(folder, files, {}, uid=None)
        (folder / "a").unlink()
        (folder / "a").mkdir()
        assert restore(folder, files, {}) == ["a"]
        assert (folder / "a").read_text() == "1"

    def test_what_cannot_be_mended_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "state").write_text("no folder at all")
        with pytest.raises(ActionRequired, match="cannot be brought up to date"):
            write_workspace(tmp_path / "state" / "w", [file("a", "x")], {}, uid=None)
