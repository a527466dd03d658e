"""A machine for tests: a home folder, a local target and a fake control plane, taken down whole."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homarus.adapters.catalog import load_runtime_model
from homarus.adapters.targets.local.target import LocalTarget
from homarus.core.specs import BotSpec
from homarus.errors import Transient
from homarus.ports.target import Handle, SupervisorUnit
from homarus.protocol.supervisor import File, RunState, RunUnit
from homarus.supervisor import ownership
from homarus.supervisor.faults import VARIABLE
from homarus.supervisor.sweep import leftovers
from homarus.testing.control_plane import FakeControlPlane, Subject


def unit_of(revision: str = "r1", **spec: Any) -> RunUnit:
    """Render a spec (see `BotSpec`; ``runtime`` by name) into the unit a supervisor gets."""
    name = spec.pop("runtime", "echo")
    model = load_runtime_model(name)
    spec.setdefault("resources", {"memory_mb": model.memory_mb})
    parsed = BotSpec.model_validate({"name": "tested", "runtime": {"name": name}, **spec})
    rendered = model.render(parsed, model_route=parsed.model)
    return RunUnit(
        revision=revision,
        runtime=name,
        version=rendered.version,
        isolation=parsed.isolation.value,
        memory_mb=parsed.resources.memory_mb,
        files=tuple(File(f.area, f.path, f.owner.value, f.content) for f in rendered.files),
        secrets=rendered.secrets,
        settings=dict(rendered.settings),
    )


@dataclass
class Machine:
    """Places bots for a test and knows how to find their processes."""

    home: Path
    target: LocalTarget
    plane: FakeControlPlane
    gateway_url: str = ""
    handles: list[Handle] = field(default_factory=list)

    async def place(
        self, unit: RunUnit, *, bot: str = "bot_A", generation: int = 1
    ) -> tuple[Handle, Subject]:
        """Start a supervisor that will be told to run ``unit``."""
        token = self.plane.place(bot, generation, unit, gateway_url=self.gateway_url)
        handle = await self.start(token, bot=bot, generation=generation)
        return handle, self.plane.subjects[f"{bot}/{generation}"]

    async def start(self, token: str, *, bot: str = "bot_A", generation: int = 1) -> Handle:
        """Ask the target, as the reconciler would; may be repeated."""
        unit = SupervisorUnit(
            bot_id=bot,
            bot_name=bot.lower(),
            generation=generation,
            nonce=f"nonce-{self.home.name}-{bot}-{generation}",
            memory_mb=64,
            control_url=self.plane.url,
            gateway_url=self.gateway_url,
            enrolment_token=token,
        )
        handle = await self.target.start(unit=unit)
        if handle not in self.handles:
            self.handles.append(handle)
        return handle

    async def running(self, bot: Subject, *, within_s: float = 60) -> None:
        await self.until_state(bot, RunState.RUNNING, within_s=within_s)

    async def until_state(self, bot: Subject, run: RunState, *, within_s: float = 60) -> None:
        await self.plane.until(
            lambda: bot.report is not None and bot.report.run is run, within_s=within_s
        )

    async def ask(self, bot: Subject, key: str, text: str, *, within_s: float = 90) -> str:
        """Send a turn and return its answer.

        Raises:
            AssertionError: it ended in another state than done.
        """
        await self.plane.order(bot, key, "turn", text=text, traceparent="")
        await self.plane.until(lambda: bot.outcome(key), within_s=within_s)
        outcome = bot.outcome(key)
        if outcome is None or outcome.state != "done":
            raise AssertionError(f"turn {key}: {outcome}")
        return outcome.text

    def folder(self, handle: Handle) -> Path:
        return self.home / "run" / str(handle.data["bot"]) / str(handle.data["generation"])

    def processes(self, handle: Handle) -> list[int]:
        """Pids of everything that carries the placement's mark or its bot's lock."""
        marks = frozenset({str(handle.data["nonce"])})
        return [process.pid for process in leftovers(self.folder(handle).parent, marks)]

    def kill_supervisor(self, handle: Handle) -> None:
        """kill -9, as a machine short of memory would."""
        owner = ownership.read_owner(self.folder(handle) / "owner.json")
        if owner is not None:
            os.kill(owner.pid, signal.SIGKILL)

    async def close(self) -> None:
        """Stop everything this test placed."""
        for handle in self.handles:
            try:
                await self.target.stop(handle=handle, grace_s=3)
            except Transient:
                await self.target.stop(handle=handle, grace_s=3)


@contextmanager
def armed(point: str) -> Iterator[None]:
    """Supervisors started inside this block die by SIGKILL at the fault point."""
    os.environ[VARIABLE] = point
    try:
        yield
    finally:
        del os.environ[VARIABLE]
