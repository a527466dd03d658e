"""One child process of the supervisor: spawned tied to us, watched and signalled by pidfd."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from homarus.supervisor.procfs import ProcessId, children, identify, send

_POLL_S = 0.05


class Child:
    """A spawned runtime. ``wait`` gives its exit code (negative: killed by that signal)."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self._popen = popen
        self.id = identify(popen.pid) or ProcessId(popen.pid, 0)
        self._exit: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._watch()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def code(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self._exit.result() if self._exit.done() else None

    def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        descriptor = os.pidfd_open(self._popen.pid)

        def ended() -> None:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            self._exit.set_result(self._popen.wait())

        loop.add_reader(descriptor, ended)

    async def wait(self) -> int:
        """Return the exit code once it has ended; safe to await from several places."""
        return await asyncio.shield(self._exit)

    def on_exit(self, wake: asyncio.Event) -> None:
        """Set ``wake`` when it ends."""
        self._exit.add_done_callback(lambda _: wake.set())

    async def end(self, *, sandboxed: bool, grace_s: float) -> None:
        """Ask it to end, wait up to ``grace_s``, then kill it. Returns once it is gone."""
        if self.code is not None:
            return
        for process in _inner(self.id) if sandboxed else [self.id]:
            send(process, signal.SIGTERM)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.wait(), grace_s)
            return
        self.kill()
        await self.wait()

    def kill(self) -> None:
        """End it and its process group at once; the kernel takes a sandbox with it."""
        if self.code is None and identify(self.id.pid) == self.id:
            os.killpg(self._popen.pid, signal.SIGKILL)


def _inner(outer: ProcessId) -> list[ProcessId]:
    """The programs inside a sandbox: bubblewrap itself does not pass signals on.

    Outside runs its watcher, below it the namespace's first process, below that the bot.
    """
    found = [identify(pid) for first in children(outer.pid) for pid in children(first)]
    return [process for process in found if process is not None] or [outer]


def spawn(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    output: Path,
    inherit: Sequence[int],
    anew: bool = False,
) -> Child:
    """Start ``argv`` in a process group of its own, with ``inherit`` open in it.

    What it prints is appended to ``output``, or replaces what was there (``anew``).

    Raises:
        RuntimeError: called from another thread than the main one. The parent-death
            signal follows the *thread* that spawned, and other threads end early.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("spawn from the main thread only")
    with output.open("wb" if anew else "ab") as out:
        popen = subprocess.Popen(
            list(argv),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            pass_fds=tuple(inherit),
            start_new_session=True,
        )
    return Child(popen)


async def run_once(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    output: Path,
    inherit: Sequence[int],
    timeout_s: float,
) -> tuple[int, str]:
    """Run ``argv`` to its end and return exit code and output; killed after ``timeout_s``.

    Being cancelled kills it too. A run that had to be killed returns a negative code.
    """
    child = spawn(argv, env, output=output, inherit=inherit, anew=True)
    try:
        await asyncio.wait_for(child.wait(), timeout_s)
    except TimeoutError:
        child.kill()
        await child.wait()
    except asyncio.CancelledError:
        child.kill()
        raise
    return await child.wait(), read(output)


def read(output: Path) -> str:
    """What a process printed, as text."""
    return output.read_text(errors="replace")
