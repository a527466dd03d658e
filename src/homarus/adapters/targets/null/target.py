"""The null target: a platform in memory, scriptable to be slow, absent, lying or dead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from homarus.errors import Outcome, Transient
from homarus.kit.clock import Clock
from homarus.ports.target import Capabilities, Handle, PlacementState, SupervisorUnit


@dataclass
class Script:
    """How the platform misbehaves from now on; change it at any time."""

    slow: timedelta = timedelta(0)
    """Every call takes this long."""
    refuse_start: Outcome | None = None
    """Raised by ``start``, with nothing started."""
    silent: set[str] = field(default_factory=set)
    """Nonces left out of ``observe``."""
    lies: dict[str, PlacementState] = field(default_factory=dict)
    """What ``observe`` says of a nonce, whatever is true."""
    unstoppable: set[str] = field(default_factory=set)
    """Nonces that ``stop`` cannot end."""


@dataclass
class Platform:
    """What exists, apart from who asks: it survives the target object, as a platform does."""

    install_id: str
    units: dict[str, SupervisorUnit] = field(default_factory=dict)
    states: dict[str, PlacementState] = field(default_factory=dict)
    destroyed: list[str] = field(default_factory=list)

    def kill(self, nonce: str, *, leaving: PlacementState = PlacementState.GONE) -> None:
        """The supervisor dies by itself, with or without leftovers."""
        self.states[nonce] = leaving


class NullTarget:
    """See `Target`. Two of them on one platform are two control planes on one machine."""

    name = "null"

    def __init__(
        self,
        *,
        install_id: str,
        clock: Clock,
        platform: Platform | None = None,
        script: Script | None = None,
    ) -> None:
        self._install_id = install_id
        self._clock = clock
        self.platform = platform or Platform(install_id)
        self.script = script or Script()

    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({"sandbox", "plain"}), None)

    async def start(self, *, unit: SupervisorUnit) -> Handle:
        await self._pause()
        if self.script.refuse_start is not None:
            raise self.script.refuse_start
        self.platform.units.setdefault(unit.nonce, unit)
        self.platform.states.setdefault(unit.nonce, PlacementState.ALIVE)
        return self._handle(unit)

    async def observe(self, *, handles: Sequence[Handle]) -> Mapping[str, PlacementState]:
        await self._pause()
        seen = {}
        for handle in handles:
            nonce = str(handle.data["nonce"])
            if nonce in self.script.silent or handle.data["install"] != self._install_id:
                continue
            true = self.platform.states.get(nonce, PlacementState.GONE)
            seen[nonce] = self.script.lies.get(nonce, true)
        return seen

    async def stop(self, *, handle: Handle, grace_s: float) -> None:
        await self._pause()
        nonce = str(handle.data["nonce"])
        if nonce in self.script.unstoppable:
            raise Transient("It does not end.", delay=timedelta(seconds=5))
        # Remembered as gone, so that a late repetition of `start` starts nothing.
        self.platform.states[nonce] = PlacementState.GONE

    async def forget(self, *, handle: Handle, destroy_state: bool) -> None:
        await self._pause()
        nonce = str(handle.data["nonce"])
        if self.platform.states.get(nonce, PlacementState.GONE) is not PlacementState.GONE:
            raise Transient("Something of it still runs.", delay=timedelta(seconds=5))
        self.platform.units.pop(nonce, None)
        self.platform.states.pop(nonce, None)
        if destroy_state:
            self.platform.destroyed.append(str(handle.data["bot"]))

    async def known(self) -> Sequence[Handle]:
        await self._pause()
        return [self._handle(unit) for unit in self.platform.units.values()]

    async def _pause(self) -> None:
        if self.script.slow:
            await self._clock.sleep(self.script.slow)

    def _handle(self, unit: SupervisorUnit) -> Handle:
        data: dict[str, str | int] = {
            "bot": unit.bot_id,
            "generation": unit.generation,
            "nonce": unit.nonce,
            "install": self._install_id,
        }
        return Handle(self.name, 1, data)
