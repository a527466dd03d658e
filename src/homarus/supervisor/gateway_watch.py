"""Can the bot reach its AI gateway? Asked from where the bot is, told as a standing finding."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlsplit

from homarus.kit.clock import Clock
from homarus.kit.signal import wait_at_most
from homarus.supervisor.reporting import Reporter

EVERY = timedelta(seconds=30)
CODE = "gateway_unreachable"
_PATIENCE_S = 5.0
_PORTS = {"http": 80, "https": 443}


async def accepts_connections(url: str) -> bool:
    """Whether somebody takes a TCP connection at ``url``; nothing is sent."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            port = parts.port or _PORTS.get(parts.scheme, 80)
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError, ValueError):
        return False
    writer.close()
    return True


class GatewayWatch:
    """Looks every 30 s, and at once when asked.

    Every isolation shares the host's network: what we can reach, the bot can. The finding
    stands from the first look that fails to the first that does not, or until the bot is
    no longer meant to be up (no address).
    """

    def __init__(
        self,
        *,
        address: Callable[[], str],
        reach: Callable[[str], Awaitable[bool]],
        reporter: Reporter,
        clock: Clock,
    ) -> None:
        self._address = address
        self._reach = reach
        self._reporter = reporter
        self._clock = clock
        self._wake = asyncio.Event()

    def look_now(self) -> None:
        """Look without waiting for the next round: the address may have changed."""
        self._wake.set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self._wake.clear()
            await self._look()
            await wait_at_most(self._wake, self._clock, EVERY)

    async def _look(self) -> None:
        url = self._address()
        if not url or await self._reach(url):
            self._reporter.settle(CODE)
            return
        words = f"The AI gateway does not answer at {url} from this bot."
        self._reporter.find(CODE, words)
