"""Named places where a process can be made to die, to prove that dying there is harmless."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

VARIABLE = "HOMARUS_FAULT_POINT"
POINTS = (
    "run-lock-taken",
    "state-lock-taken",
    "owner-written",
    "swept",
    "enrolled",
    "session-open",
    "unit-fetched",
    "installed",
    "candidate-staged",
    "validated",
    "slot-taken",
    "swapped",
    "spawned",
    "ready",
    "turn-accepted",
    "turn-answered",
    "stopping",
)


@dataclass(frozen=True, slots=True)
class Faults:
    """``armed`` names the one point that kills; None (always outside tests) kills never."""

    armed: str | None = None

    def at(self, point: str) -> None:
        """Die here by SIGKILL if this point is armed, as if the machine had done it."""
        if self.armed == point:
            os.kill(os.getpid(), signal.SIGKILL)
