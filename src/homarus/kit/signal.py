"""A wake-up call that is never lost between looking and waiting."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from homarus.kit.clock import Clock


class Signal:
    """Wakes everyone who took a ticket before the call.

    Take a ticket, look at the world, then wait on the ticket: a `notify` between the two
    ends the wait at once. A signal carries nothing; who wakes must look again.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """Return what the next `notify` sets."""
        return self._event

    def notify(self) -> None:
        """Wake every holder of a ticket; safe to call at any rate."""
        event, self._event = self._event, asyncio.Event()
        event.set()


async def wait_at_most(ticket: asyncio.Event, clock: Clock, pause: timedelta) -> bool:
    """Wait for the ticket or for ``pause``, whichever ends first; True if the ticket did."""
    called = asyncio.ensure_future(ticket.wait())
    slept = asyncio.ensure_future(clock.sleep(pause))
    try:
        await asyncio.wait({called, slept}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        called.cancel()
        slept.cancel()
    return ticket.is_set()
