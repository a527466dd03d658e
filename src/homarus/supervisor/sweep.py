"""Find and end whatever a dead supervisor left: by the inherited lock and by the mark."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from homarus.supervisor.folders import read_placement
from homarus.supervisor.procfs import ProcessId, descends, holders, identify, marked, send


def nonces(bot_run: Path) -> frozenset[str]:
    """Marks of every generation of this bot that has a folder."""
    found = (read_placement(folder) for folder in bot_run.iterdir() if folder.is_dir())
    return frozenset(placement.nonce for placement in found if placement is not None)


def leftovers(bot_run: Path, marks: frozenset[str]) -> list[ProcessId]:
    """Processes with one of ``marks`` or the bot's state lock open, but for us and our parents.

    A process may have closed the lock, another may have cleaned its environment: hence both.
    """
    everyone = marked()
    found = {process for mark in marks for process in everyone.get(mark, ())}
    found.update(holders(bot_run / "state.lock"))
    me = os.getpid()
    return [process for process in found if not descends(me, process.pid)]


async def sweep(bot_run: Path, marks: frozenset[str], *, patience: float = 10.0) -> bool:
    """End every leftover; True once none is found, False if some outlive ``patience`` seconds.

    Call it only with the bot's run lock in hand, so that no live generation is swept away.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while True:
        found = leftovers(bot_run, marks)
        if not found:
            return True
        for process in found:
            send(process, signal.SIGKILL)
        if loop.time() >= end:
            return not any(identify(process.pid) == process for process in found)
        await asyncio.sleep(0.05)
