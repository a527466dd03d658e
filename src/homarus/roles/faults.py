"""Named places where api and launcher can be made to die once, to prove that it is harmless.

``HOMARUS_FAULT_FILE`` names a file that holds a point's name. Whoever comes to that point
removes the file and dies by SIGKILL; its successor finds no file and goes on. Without the
variable, which only tests set, every point is a no-op.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

VARIABLE = "HOMARUS_FAULT_FILE"
LAUNCHER_POINTS = ("api-started", "demo-started", "gateway-started", "first-start-made")
API_POINTS = (
    "placement-planned",
    "placement-armed",
    "placement-started",
    "placement-accepted",
    "placement-stopping",
    "placement-retired",
    "placement-stopped",
    "placement-gone",
)


def at(point: str) -> None:
    """Die here, once, if this point is armed."""
    named = os.environ.get(VARIABLE)
    if named is None:
        return
    armed = Path(named)
    try:
        if armed.read_text().strip() != point:
            return
        armed.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
