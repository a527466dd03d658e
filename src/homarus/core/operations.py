"""The life of an operation."""

from __future__ import annotations

from enum import StrEnum


class OperationState(StrEnum):
    """How far a change is. The last three are for good.

    running     under way; its steps say what has happened
    succeeded   what was asked for is so
    failed      it gave up, and says why
    superseded  another change of the same subject took its place
    """

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SUPERSEDED = "superseded"
