"""The one `Report` that says everything; whoever sends it is woken when it changes."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from homarus.kit.canonical import digest
from homarus.protocol.supervisor import Finding, Report, RunState


class Reporter:
    """Holds the current report. ``set`` is cheap and silent when nothing changed."""

    def __init__(self, facts: dict[str, str]) -> None:
        self.report = Report(run=RunState.WAITING, reason="waiting: control plane", facts=facts)
        self.changed = asyncio.Event()
        self._findings: dict[str, Finding] = {}

    def set(self, **changes: Any) -> None:
        """Change these fields of the report and wake the sender if that made a difference."""
        report = msgspec.structs.replace(self.report, **changes)
        if report != self.report:
            self.report = report
            self.changed.set()

    def find(self, code: str, message: str) -> None:
        """Add a standing finding, or renew the one of this code."""
        self._findings[code] = Finding(code, message)
        self.set(findings=tuple(self._findings.values()))

    def settle(self, code: str) -> None:
        """The finding of this code no longer stands."""
        self._findings.pop(code, None)
        self.set(findings=tuple(self._findings.values()))

    def phase(self, name: str, seconds: float) -> None:
        """How long a phase of this start took."""
        self.set(phases={**self.report.phases, name: round(seconds, 3)})

    def digest(self) -> str:
        """What heartbeats carry instead of the whole report."""
        return digest(msgspec.to_builtins(self.report))
