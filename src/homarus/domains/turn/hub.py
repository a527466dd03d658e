"""Answers while they are being written: in memory only, lost with the process.

The stored turn is the truth; what is here lets people read along. A piece that arrives
out of place (the supervisor may drop some) is skipped: the final answer has it.
"""

from __future__ import annotations

from collections import OrderedDict

from homarus.kit.signal import Signal

MOST = 1000
"""Answers kept at once; the oldest is forgotten first."""
LONGEST = 1024 * 1024
"""Bytes of one answer kept here; what goes beyond is read in the stored turn alone."""


class AnswerHub:
    """Growing answers by turn id, and a signal each."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, str] = OrderedDict()
        self._signals: dict[str, Signal] = {}

    def add(self, turn_id: str, offset: int, text: str) -> None:
        """Append a piece if it continues the answer and it fits; otherwise do nothing."""
        so_far = self._answers.get(turn_id, "")
        if offset > len(so_far):
            return
        grown = so_far[:offset] + text
        if len(grown.encode()) > LONGEST:
            return
        self._answers[turn_id] = grown
        self._answers.move_to_end(turn_id)
        while len(self._answers) > MOST:
            forgotten, _ = self._answers.popitem(last=False)
            self._signals.pop(forgotten, None)
        self.signal(turn_id).notify()

    def text(self, turn_id: str) -> str:
        """The answer as far as it is known here."""
        return self._answers.get(turn_id, "")

    def signal(self, turn_id: str) -> Signal:
        """Notified when the answer grew or its turn ended."""
        return self._signals.setdefault(turn_id, Signal())

    def end(self, turn_id: str) -> None:
        """The turn is stored: wake its readers and forget the pieces."""
        self._answers.pop(turn_id, None)
        signal = self._signals.pop(turn_id, None)
        if signal is not None:
            signal.notify()
