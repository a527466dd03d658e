"""Slowing down who guesses passwords, per account and per address."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from homarus.errors import TooMany
from homarus.kit.clock import Clock

FREE = 5
"""Failures that cost nothing; each further one doubles the wait."""
CEILING = timedelta(minutes=15)
_MOST = 10_000


@dataclass(slots=True)
class _Attempts:
    failures: int
    until: datetime


def keys_of(*, account: str, address: str) -> tuple[str, ...]:
    """What a failure counts against: the account first, then the address it came from.

    A loopback address is not counted: bots on this machine share it with its people, who
    must not be locked out by them.
    """
    by_account = f"account {account}"
    return (by_account,) if _is_loopback(address) else (by_account, f"address {address}")


def _is_loopback(address: str) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    mapped = known.ipv4_mapped if isinstance(known, IPv6Address) else None
    return (mapped or known).is_loopback


class LoginThrottle:
    """In memory, bounded, one per process: a restart forgives, and guessing never outruns it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[str, _Attempts] = OrderedDict()

    def expect_free(self, *keys: str) -> None:
        """Raise `TooMany` while any of ``keys`` has to wait."""
        now = self._clock.now()
        waits = [self._known[key].until - now for key in keys if key in self._known]
        longest = max(waits, default=timedelta(0))
        if longest > timedelta(0):
            raise TooMany(
                "Too many failed logins.",
                retry_after=longest,
                hint="Wait, or ask for a login link.",
            )

    def failed(self, *keys: str) -> None:
        """Count a failure against each of ``keys``; it ends a day after the last."""
        now = self._clock.now()
        for key in keys:
            attempts = self._known.pop(key, None)
            if attempts is None or attempts.until < now - timedelta(days=1):
                attempts = _Attempts(0, now)
            attempts.failures += 1
            beyond = attempts.failures - FREE
            wait = timedelta(seconds=2 ** min(beyond, 12)) if beyond > 0 else timedelta(0)
            attempts.until = now + min(wait, CEILING)
            self._known[key] = attempts
            while len(self._known) > _MOST:
                self._known.popitem(last=False)

    def succeeded(self, *keys: str) -> None:
        """Forget the failures of ``keys``."""
        for key in keys:
            self._known.pop(key, None)
