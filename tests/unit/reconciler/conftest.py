"""A reconciler over stores and targets in memory, in virtual time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from homarus.adapters.targets.null.target import NullTarget
from homarus.core.bot_states import BotState, step
from homarus.core.placements import Link, Placement, Wish
from homarus.core.specs import DesiredState
from homarus.ports.target import SupervisorUnit
from homarus.reconciler.loop import Reconciler
from homarus.reconciler.rows import PLACEMENT, placement_of
from homarus.testing.clock import VirtualClock
from homarus.testing.machine_store import MemoryMachineStore


@dataclass
class Bots:
    """`homarus.reconciler.fleet.Fleet` over a dictionary; remembers what it was told."""

    wished: dict[str, Wish] = field(default_factory=dict)
    linked: dict[str, Link] = field(default_factory=dict)
    told: list[tuple[str, BotState, str]] = field(default_factory=list)
    retired: list[tuple[str, int]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    broken: Exception | None = None

    def add(self, bot_id: str, **more: Any) -> None:
        self.wished[bot_id] = replace(
            Wish(
                bot_id=bot_id,
                desired=DesiredState.RUNNING,
                deleted=False,
                target="null",
                isolation="sandbox",
                runtime="echo",
                digest="d",
                redeploy=0,
                attempt=0,
                shown=BotState.PENDING,
                shown_reason="",
            ),
            **more,
        )

    def wish(self, bot_id: str, **changes: Any) -> None:
        self.wished[bot_id] = replace(self.wished[bot_id], **changes)

    async def wishes(self, *, after: str, limit: int) -> Sequence[Wish]:
        if self.broken is not None:
            raise self.broken
        return [self.wished[key] for key in sorted(self.wished) if key > after][:limit]

    async def links(self) -> Mapping[str, Link]:
        return self.linked

    async def record(self, *, bot_id: str, state: BotState, reason: str) -> None:
        shown = step(self.wished[bot_id].shown, state)
        self.told.append((bot_id, state, reason))
        self.wish(bot_id, shown=shown, shown_reason=reason)

    async def arm(self, *, bot_id: str, generation: int, nonce: str) -> SupervisorUnit:
        return SupervisorUnit(bot_id, bot_id, generation, nonce, 64, "", "", "token")

    async def retire(self, *, bot_id: str, generation: int) -> None:
        self.retired.append((bot_id, generation))

    async def remove(self, *, bot_id: str) -> None:
        self.wished.pop(bot_id, None)
        self.removed.append(bot_id)


class Rig:
    """One store and one platform; any number of reconcilers over them."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.store = MemoryMachineStore()
        self.target = NullTarget(install_id="i", clock=clock)
        self.bots = Bots()
        self.reconciler = self.another("one")

    def another(self, name: str) -> Reconciler:
        return Reconciler(
            store=self.store,
            fleet=self.bots,
            targets={"null": self.target},
            clock=self.clock,
            name=name,
        )

    async def rest(self) -> None:
        """Passes and actions until nothing more is to be done."""
        for _ in range(20):
            made = await self.reconciler.run_pass()
            while await self.reconciler.work_once("w"):
                pass
            if not made.actions:
                return
        raise AssertionError("it does not come to rest")

    async def placement(self, bot_id: str) -> Placement:
        row = await self.store.get(PLACEMENT, bot_id)
        assert row is not None
        return placement_of(row)


@pytest.fixture
def rig(clock: VirtualClock) -> Rig:
    return Rig(clock)
