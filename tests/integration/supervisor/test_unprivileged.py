"""The same machine without root: whoever runs the tests as root proves both ways.

Collected as root only; otherwise the neighbours of this file are that run already.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
USER = "12345"
NEEDED = (ROOT, Path(sys.base_prefix), Path(sys.prefix))


@pytest.fixture
def owned() -> Iterator[Path]:
    """A home of the other user's own."""
    folder = Path(tempfile.mkdtemp(prefix="hom", dir="/var/tmp"))
    os.chown(folder, int(USER), int(USER))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def closed_above(path: Path) -> Path | None:
    """The folder above ``path`` into which only its owner may go, if there is one."""
    return next((one for one in reversed(path.parents) if not one.stat().st_mode & 0o001), None)


def opened(paths: tuple[Path, ...]) -> list[str]:
    """A view of the machine where ``paths`` can be reached, also from below root's own home.

    Nothing of the machine changes: closed folders are covered, in this view, by empty ones.
    """
    closed = {path: folder for path in paths if (folder := closed_above(path)) is not None}
    if not closed:
        return []
    view = ["bwrap", "--dev-bind", "/", "/", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    for folder in sorted(set(closed.values())):
        view += ["--perms", "0755", "--tmpfs", str(folder)]
    for path, folder in closed.items():
        between = [one for one in reversed(path.parents) if folder in one.parents]
        for one in between:
            view += ["--perms", "0755", "--dir", str(one)]
        view += ["--ro-bind", str(path), str(path)]
    return [*view, "--"]


@pytest.mark.timeout(280)
@pytest.mark.parametrize(
    "story", ["test_echo_thread.py", "test_sandbox.py", "test_isolation_table.py"]
)
def test_it_also_holds_for_a_user_without_rights(owned: Path, story: str) -> None:
    drop = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups"]
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / story)]
    env = {
        "HOME": str(owned),
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(owned),
    }
    done = subprocess.run(
        [*opened(NEEDED), *drop, *tests],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=270,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "skips: 0" in done.stdout
