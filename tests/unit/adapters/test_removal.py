"""What is to be destroyed is gone, or somebody is told what is left."""

import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from homarus.adapters.targets.local.removal import remove
from homarus.errors import Transient

NOBODY = 65_534


def locked(root: Path) -> Path:
    tree = root / "bot"
    (tree / "state" / "deep" / "deeper").mkdir(parents=True)
    (tree / "state" / "deep" / "deeper" / "secret").write_text("x")
    (tree / "state" / "deep" / "deeper").chmod(0o500)
    (tree / "state" / "deep").chmod(0)
    return tree


def as_nobody(tree: Path) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    remove(tree)


def test_folders_that_the_bot_locked_are_removed_without_root() -> None:
    root = Path(f"/var/tmp/hom-removal-{os.getpid()}")
    root.mkdir(mode=0o755)
    try:
        tree = locked(root)
        if os.geteuid() == 0:
            for path in (root, *root.rglob("*")):
                os.lchown(path, NOBODY, NOBODY)
        process = multiprocessing.get_context("fork").Process(target=as_nobody, args=(tree,))
        process.start()
        process.join()
        assert process.exitcode == 0
        assert not tree.exists()
    finally:
        shutil.rmtree(root)


def test_it_is_gone_and_repeating_that_changes_nothing(tmp_path: Path) -> None:
    tree = locked(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    (tree / "link").symlink_to(outside)
    remove(tree)
    remove(tree)
    assert not tree.exists()
    assert outside.stat().st_mode & 0o777 == 0o500


def test_what_cannot_be_removed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = locked(tmp_path)
    real = os.unlink

    def refusing(name: str, **how: int) -> None:
        if name == "secret":
            raise PermissionError(1, "Operation not permitted", name)
        real(name, **how)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refusing)
        with pytest.raises(Transient, match="deeper/secret cannot be removed"):
            remove(tree)
