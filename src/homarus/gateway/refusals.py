"""How the gateway says no: one table, because the status decides what clients do next.

What agents were seen to do: 401 disables the key for a minute (OpenClaw) or is retried
without a word for over a minute (Claude Code); 402 and 403 disable it for ten minutes
(OpenClaw), also for calls that would be served by then; 409, 412 and 423 are tried four times
(OpenClaw); 429 and 5xx are retried for one to two minutes (OpenClaw); 529 ends Claude Code
after three tries in two seconds; 400 and 404 end both at once, and the next call is made.
Hence: what only a person can change ends at once and is forgotten at once, what mends itself
may be retried, and the provider's own 401 never reaches a bot as one, for the bot's key is
not at fault.

OpenClaw shows its users none of our words; `Said` keeps them for the supervisor to ask.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from homarus.kit.money import show_usd

_SHOWN = 1_000
"""Nano-dollars that are too few to be shown: a thousandth of a thousandth of a dollar."""


class Refused(StrEnum):
    """Why a call is not made."""

    BAD_KEY = "bad_key"
    PAUSED = "paused"
    BUDGET = "budget"
    NO_ROUTE = "no_route"
    BAD_REQUEST = "bad_request"
    UNAVAILABLE = "unavailable"
    UPSTREAM = "upstream"
    UPSTREAM_SLOW = "upstream_slow"
    UPSTREAM_KEY = "upstream_key"


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A call is not made: why, and the words for whoever reads the client's log."""

    reason: Refused
    message: str


class _Rule(msgspec.Struct, frozen=True):
    openai: int
    anthropic: int
    retry_after: int
    """Seconds; 0: no header, for a retry is pointless."""


RULES = {
    Refused.BAD_KEY: _Rule(401, 401, 0),
    Refused.PAUSED: _Rule(400, 400, 0),  # 403 would make OpenClaw distrust the key after resume
    Refused.BUDGET: _Rule(400, 402, 0),  # 402 would stop OpenClaw long after the budget is raised
    Refused.NO_ROUTE: _Rule(404, 404, 0),
    Refused.BAD_REQUEST: _Rule(400, 400, 0),
    Refused.UNAVAILABLE: _Rule(503, 529, 2),
    Refused.UPSTREAM: _Rule(502, 529, 2),
    Refused.UPSTREAM_SLOW: _Rule(504, 529, 2),
    Refused.UPSTREAM_KEY: _Rule(400, 400, 0),
}


class Said:
    """The last refusal of each of the latest traces, in words."""

    def __init__(self, most: int = 1_000) -> None:
        self._most = most
        self._words: dict[str, str] = {}

    def keep(self, trace: str, words: str) -> None:
        """Remember; the oldest trace is forgotten."""
        self._words.pop(trace, None)
        if len(self._words) >= self._most:
            del self._words[next(iter(self._words))]
        self._words[trace] = words

    def about(self, trace: str) -> str:
        """Return what was said; empty: nothing, or it is forgotten."""
        return self._words.get(trace, "")


def budget_words(label: str, need: int, left: int) -> str:
    """Say why a budget refuses a call that may cost ``need`` while it has ``left``."""
    if left < _SHOWN:
        return f"The budget of {label} is used up for its current window."
    return (
        f"This call may cost up to {show_usd(-(-need // _SHOWN) * _SHOWN)}, and the budget of "
        f"{label} has {show_usd(left // _SHOWN * _SHOWN)} left in its current window."
    )


def status(refused: Refused, format_: str) -> int:
    """Return the HTTP status for a client that speaks ``format_``."""
    rule = RULES[refused]
    return rule.anthropic if format_ == "anthropic" else rule.openai


def head(refused: Refused) -> bytes:
    """Return the header lines of a refusal."""
    wait = RULES[refused].retry_after
    lines = b"content-type: application/json\r\n"
    return lines + (b"retry-after: %d\r\n" % wait if wait else b"")
