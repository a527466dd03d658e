"""The launcher's children: started tied to it, restarted when they end, ended by pidfd.

A child says ``ready`` on its standard output once it serves; what it writes to standard
error goes to its log file. One that cannot start prints a problem as its last line of
standard error (see `homarus.roles.problems`), which becomes our error.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from homarus import errors
from homarus.errors import HomarusError, Setup, Unavailable
from homarus.kit.clock import SystemClock
from homarus.roles.log_file import STARTED, last_run, turn_if_full

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 45.0
_QUICK_ENDS, _QUICK_S = 5, 3.0


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """What every child may have of our environment: nothing of ours, so no key and no address.

    What a child needs of ours is given to it by name: the master key to the api alone.
    """
    return {name: value for name, value in environment.items() if not name.startswith("HOMARUS_")}


@dataclass(slots=True)
class Child:
    """One role as a process. ``start`` may be called again after it ended."""

    role: str
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    quick_ends: int = 0
    """How often in a row it ended within three seconds of being ready."""
    _ready_at: float = 0.0
    _process: subprocess.Popen[bytes] | None = None

    async def start(self, *, hand_over: bytes = b"") -> str:
        """Start it, give it ``hand_over`` on standard input, and return its ready line.

        Raises:
            HomarusError: the leaf that the child reported before it ended.
            Unavailable: it did not become ready in time; it was ended.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        turn_if_full(self.log)
        with self.log.open("ab") as out:
            moment = SystemClock().now().isoformat()
            out.write(f'{{{STARTED}, "timestamp": "{moment}"}}\n'.encode())
            out.flush()
            program = [sys.executable, "-m", f"homarus.roles.{self.role}", *self.arguments]
            # Popen in the main thread on purpose: the child dies with the thread that made it.
            self._process = subprocess.Popen(  # noqa: ASYNC220
                [*program, "--parent", str(os.getpid()), "--log", str(self.log)],
                env={**inherited(os.environ), **self.environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=out,
                start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on, in order
            )
        assert self._process.stdin is not None
        self._process.stdin.write(hand_over)
        self._process.stdin.close()
        line = await self.line(within_s=READY_WITHIN_S)
        if not line.startswith("ready"):
            self._process.kill()
            raise await self._why_not()
        self._ready_at = time.monotonic()
        return line

    async def line(self, *, within_s: float) -> str:
        """The next line that it says; empty if it ended or said nothing in time."""
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._read_line), within_s)
        except TimeoutError:
            return ""

    def _read_line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode(errors="replace").strip()

    async def _why_not(self) -> HomarusError:
        await self.wait()
        lines = last_run(self.log)
        fault = reported(lines[-1] if lines else "")
        return fault or Unavailable(
            f"Homarus' {self.role} did not start (exit code {self.code}).",
            hint=f"Its log says why: {self.log}",
        )

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int:
        """Its process id; 0 before the first start."""
        return 0 if self._process is None else self._process.pid

    async def wait(self) -> int:
        """Return its exit code once it has ended."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it, if it runs; never to anything that took its number."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, and return once it has; what does not end in time is killed."""
        if self._process is None or self.code is not None:
            return
        self.send(number)
        try:
            await asyncio.wait_for(self.wait(), STOP_WITHIN_S)
        except TimeoutError:
            self.send(signal.SIGKILL)
            await self.wait()

    def worth_restarting(self) -> bool:
        """Note an unasked end; False once it ended quickly so often that more would not help."""
        quick = time.monotonic() - self._ready_at < _QUICK_S
        self.quick_ends = self.quick_ends + 1 if quick else 0
        return self.quick_ends < _QUICK_ENDS


def reported(line: str) -> HomarusError | None:
    """The error that a role printed as its last words, or None if the line is none."""
    try:
        said = json.loads(line)
        name, message, hint = said["error"], str(said["message"]), str(said["hint"])
    except (ValueError, KeyError, TypeError):
        return None
    kind = getattr(errors, name, None) if isinstance(name, str) else None
    plain = Setup | errors.Invalid | Unavailable
    if isinstance(kind, type) and issubclass(kind, plain) and kind is not errors.ManifestInvalid:
        return kind(message, hint=hint)
    return Unavailable(message, hint=hint)
