"""What bots can be made of here: targets with what they can still carry, and runtimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.bot import repository
from homarus.ports.runtime_model import RuntimeModel
from homarus.ports.target import Capabilities, Target


@dataclass(frozen=True, slots=True)
class Carries:
    """A target, what it can do, and how much memory is promised to bots there."""

    name: str
    able: Capabilities
    promised_mb: int


class Capacity:
    """Answers for this installation, whoever asks: a machine is shared by all workspaces."""

    def __init__(self, targets: Mapping[str, Target], runtimes: Mapping[str, RuntimeModel]) -> None:
        self._targets = targets
        self._runtimes = runtimes

    async def targets(self, session: AsyncSession) -> list[Carries]:
        """Every target. Promised is the memory of bots that are meant to be up, running or
        not: a bot that is stopped or being deleted holds none."""
        promised = await repository.promised_memory(session)
        return [
            Carries(name, target.capabilities(), promised.get(name, 0))
            for name, target in sorted(self._targets.items())
        ]

    def runtimes(self) -> list[RuntimeModel]:
        """Every runtime, by name."""
        return [self._runtimes[name] for name in sorted(self._runtimes)]
