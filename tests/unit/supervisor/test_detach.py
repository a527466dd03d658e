"""A detached program carries its mark; what detached it never does."""

import os
import subprocess
import sys
import time
from pathlib import Path

from homarus.supervisor import detach, procfs

PRINT_MARK = f"import os; print(os.environ['{procfs.MARK}'], flush=True)"


def test_only_the_program_bears_the_mark(tmp_path: Path) -> None:
    output = tmp_path / "output"
    os.mkfifo(output)  # Opening it blocks until somebody reads: the script waits in its middle.
    nonce = f"nonce-{tmp_path}"
    script = subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", detach.__file__, str(output)),
            *(sys.executable, "-c", PRINT_MARK),
        ],
        env={**os.environ, detach.LATER + procfs.MARK: nonce},
    )
    try:
        while procfs.identify(script.pid) and b"detach" not in cmdline(script.pid):
            time.sleep(0.001)
        assert nonce not in procfs.marked()
        assert output.read_text() == nonce + "\n"
        assert script.wait(timeout=30) == 0
    finally:
        script.kill()
        script.wait()


def cmdline(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
