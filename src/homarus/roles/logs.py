"""Logs of the roles: one JSON document a line, on standard error.

Standard output belongs to the launcher, which reads there that a role is ready.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import structlog

from homarus.roles.log_file import bound_stderr


def log_to_stderr(log: Path | None = None) -> None:
    """Send what this process logs, and what its libraries warn of, to standard error.

    If that is the file ``log``, its size is bounded.
    """
    if log is not None:
        bound_stderr(log)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    for chatty in ("websockets", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
