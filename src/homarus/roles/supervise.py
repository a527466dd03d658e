"""The supervisor's process: ``python -m homarus.roles.supervise --run-dir DIR [--lock-fd N]``.

Started by a target, never by a person. The enrolment arrives on standard input as one JSON
document; nothing of it is ever written or passed as an argument. Imports only what a
supervisor needs: no pydantic, no web framework, no SQL.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import sys
from pathlib import Path

import msgspec

from homarus.adapters.catalog import load_runtime_host
from homarus.kit.clock import SystemClock
from homarus.roles.log_file import bound_stderr
from homarus.supervisor.faults import VARIABLE, Faults
from homarus.supervisor.folders import Arrival, Folders, read_placement
from homarus.supervisor.main import supervise

_LOG_LIMIT = 1 << 20
"""There is one per bot."""


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="homarus-supervisor")
    parser.add_argument("--run-dir", type=Path, required=True)
    parser.add_argument("--lock-fd", type=int)
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """Return the exit code: 0 ended or already owned, 2 no placement, 3 not clean, 4 no token."""
    os.umask(0o077)
    given = _arguments(argv)
    bound_stderr(given.run_dir / "supervisor.log", limit=_LOG_LIMIT)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("websockets").setLevel(logging.WARNING)
    placement = read_placement(given.run_dir)
    if placement is None:
        return 2
    if given.lock_fd is not None:
        os.set_inheritable(given.lock_fd, False)
    raw = sys.stdin.buffer.read() if not sys.stdin.isatty() else b""
    arrival = msgspec.json.decode(raw, type=Arrival) if raw.strip() else None
    armed = os.environ.get(VARIABLE) if placement.testing else None
    # What was imported stays for ever; keep the collector away from it.
    gc.freeze()
    return asyncio.run(
        supervise(
            folders=Folders(given.run_dir.parents[2], placement.bot_id, placement.generation),
            placement=placement,
            arrival=arrival,
            run_lock=given.lock_fd,
            loader=load_runtime_host,
            clock=SystemClock(),
            faults=Faults(armed),
        )
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
