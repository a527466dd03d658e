"""The program ``homarus``: the command line, and the commands that act on this machine."""

from __future__ import annotations

import sys

from homarus.cli.main import execute

COMMANDS = {
    "up": "homarus.roles.up:up",
    "service": "homarus.roles.service:app",
    "doctor": "homarus.roles.doctor:doctor",
}
"""What a client of the API could not offer, by where it is."""


def run() -> None:
    """Run the command line of this process and exit with its code (docs/reference/errors.md)."""
    sys.exit(execute(sys.argv[1:], more=COMMANDS))
