"""The demo model's process: ``python -m homarus.roles.demo --port 0 [--faults]``.

Prints ``ready PORT`` once it listens, and ends with SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path

import uvicorn

from homarus.demo.app import DemoModel
from homarus.errors import PortTaken
from homarus.roles.log_file import bound_stderr
from homarus.roles.problems import last_words, say_ready, tie


class _Announcing(uvicorn.Server):
    """Says on standard output when, and on which port, it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for sock in sockets or ():
            say_ready(str(sock.getsockname()[1]))


def build(*, faults: bool) -> uvicorn.Server:
    """Return the server, not yet running."""
    config = uvicorn.Config(DemoModel(faults=faults), log_level="critical", lifespan="off")
    return _Announcing(config)


def _run(port: int, *, faults: bool) -> None:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    build(faults=faults).run(sockets=[sock])


def main() -> int:
    """Run until interrupted or terminated; 21: the port is taken."""
    parser = argparse.ArgumentParser(prog="homarus.roles.demo")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--log", type=Path, help="where standard error goes; it is bounded")
    parser.add_argument("--parent", type=int, default=0, help="end when this process does")
    given = parser.parse_args()
    tie(given.parent)
    if given.log is not None:
        bound_stderr(given.log)
    try:
        _run(given.port, faults=given.faults)
    except OSError:
        return last_words(
            PortTaken(
                f"The demo model cannot listen on port {given.port}.",
                hint="End what listens there, or give another port.",
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
