"""The doctor: asks every check, and never lets one that breaks hide the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog

from homarus.errors import HomarusError
from homarus.web.principal import Principal

log = structlog.get_logger(__name__)


class Health(StrEnum):
    """How a check came out: fine, worth a look, or broken until somebody acts."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result; ``hint`` says how to mend what is not fine."""

    check: str
    health: Health
    message: str
    hint: str = ""


Check = Callable[[Principal], Awaitable[Sequence[Finding]]]
"""Looks at one thing. It may raise: that is a finding too."""


class Doctor:
    """Every check of this installation."""

    def __init__(self, checks: Sequence[tuple[str, Check]]) -> None:
        self._checks = tuple(checks)

    async def examine(self, caller: Principal) -> list[Finding]:
        """Run every check, one after the other; what breaks is itself a finding."""
        findings: list[Finding] = []
        for name, check in self._checks:
            try:
                findings += await check(caller)
            except HomarusError as fault:
                findings.append(Finding(name, Health.FAIL, fault.message, fault.hint))
            except Exception as fault:
                log.exception("check_broke", check=name)
                words = f"the check itself broke ({type(fault).__name__}); the log says more"
                findings.append(Finding(name, Health.FAIL, words))
        return findings
