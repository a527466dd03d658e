"""Give up after too many deaths in a short time, so that a broken bot does not spin."""

from __future__ import annotations

from collections import deque

LIMIT = 5
WINDOW_S = 600.0
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0


class Breaker:
    """Counts exits; ``exit`` says how long to wait before the next start, or None to give up."""

    def __init__(self) -> None:
        self._exits: deque[float] = deque()

    def exit(self, now: float) -> float | None:
        """Note an exit at ``now`` (monotonic seconds). None: `LIMIT` exits within `WINDOW_S`."""
        while self._exits and now - self._exits[0] > WINDOW_S:
            self._exits.popleft()
        self._exits.append(now)
        if len(self._exits) >= LIMIT:
            return None
        return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (len(self._exits) - 1))

    def reset(self) -> None:
        """Forget: a person changed something or asked for another try."""
        self._exits.clear()
