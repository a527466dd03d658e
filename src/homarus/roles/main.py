"""The program ``homarus``: the command line, and the one command that starts processes."""

from __future__ import annotations

import sys

from homarus.cli.main import execute
from homarus.roles.up import up


def run() -> None:
    """Run the command line of this process and exit with its code (docs/reference/errors.md)."""
    sys.exit(execute(sys.argv[1:], more=[up]))
