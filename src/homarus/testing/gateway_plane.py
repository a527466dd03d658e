"""A control plane for gateways alone: store, services, API, and real gateway processes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from fastapi import FastAPI
from sqlalchemy import select

from homarus.core.routes import ProviderType
from homarus.core.specs import Period
from homarus.domains.budget import endpoints as budget_endpoints
from homarus.domains.budget.service import BudgetService
from homarus.domains.budget.tables import BudgetSlice, BudgetWindow
from homarus.domains.call import endpoints as call_endpoints
from homarus.domains.call.hub import GatewayHub
from homarus.domains.call.keys import BotKeys
from homarus.domains.call.service import CallService, GatewayService
from homarus.domains.call.tables import Call
from homarus.domains.provider import endpoints as provider_endpoints
from homarus.domains.provider.probe import ask as probe
from homarus.domains.provider.service import NewProvider, NewRoute, ProviderService
from homarus.domains.secret.boxes import Boxes
from homarus.domains.secret.master_key import KeySource, MasterKey
from homarus.domains.workspace.service import WorkspaceService
from homarus.http.app import build_app
from homarus.kit.clock import Clock, SystemClock
from homarus.kit.signal import Signal
from homarus.store.engine import Store
from homarus.testing.api import FixedAuthenticator
from homarus.testing.serving import serving
from homarus.web.parts import Access
from homarus.web.principal import Principal

T = TypeVar("T")
PEPPER = hashlib.sha256(b"a pepper for tests").digest()
MASTER = hashlib.sha256(b"a master key for tests").digest()
SOURCE = KeySource(Path(os.devnull), environment=base64.b64encode(MASTER).decode())


@dataclass
class Plane:
    """Services over one store, wired as a control plane wires them."""

    store: Store
    clock: Clock
    hub: GatewayHub
    budgets: BudgetService
    providers: ProviderService
    keys: BotKeys
    gateways: GatewayService
    calls: CallService
    owner: Principal = field(init=False)

    @classmethod
    def over(cls, store: Store, clock: Clock) -> Plane:
        """Wire everything."""
        hub = GatewayHub(clock)
        budgets = BudgetService(
            clock, changed=hub.changed, recall=lambda budget: _nothing(hub.recall(budget))
        )
        boxes = Boxes(MasterKey(store, SOURCE, MASTER))
        providers = ProviderService(clock, boxes=boxes, probe=probe, changed=hub.changed)
        keys = BotKeys(clock, pepper=PEPPER, changed=hub.changed)
        gateways = GatewayService(store, clock, hub, budgets, providers, pepper=PEPPER)
        return cls(
            store, clock, hub, budgets, providers, keys, gateways, CallService(clock, budgets)
        )

    async def furnish(self, base_url: str, *, limit_nano: int, bot: str = "bot_1") -> str:
        """Make a workspace, a demo provider, the route ``demo``, a budgeted bot; return its key."""
        await MasterKey.open(self.store, SOURCE)  # from now on the store knows it
        async with self.store.begin() as session:
            workspace = await WorkspaceService(self.clock).create(session, name="main")
            self.owner = Principal.system(workspace.id, "test")
            provider = NewProvider("demo", ProviderType.DEMO, base_url, "sk-demo")
            await self.providers.add(session, self.owner, provider)
            route = NewRoute("demo", "demo", "homarus-demo", 4096)
            await self.providers.add_route(session, self.owner, route)
            for kind, id_ in (("bot", bot), ("workspace", workspace.id)):
                limit = limit_nano if kind == "bot" else 10 * limit_nano
                await self.budgets.ensure(
                    session, workspace.id, kind, id_, limit, Period.DAY, label=f"{kind} hello"
                )
            return await self.keys.issue(
                session, bot_id=bot, workspace_id=workspace.id, generation=1
            )

    def app(self, port: int) -> FastAPI:
        """The API of these nouns; the token ``owner`` may do everything."""
        host = f"127.0.0.1:{port}"
        access = Access(frozenset({host}), frozenset({f"http://{host}"}), secure=False)
        return build_app(
            store=self.store,
            clock=self.clock,
            access=access,
            authenticator=FixedAuthenticator({"owner": self.owner}),
            numbered=Signal(),
            services=[
                self.hub, self.budgets, self.providers, self.keys, self.gateways, self.calls,
            ],
            routers=[call_endpoints.router, provider_endpoints.router, budget_endpoints.router],
        )  # fmt: skip

    async def ledger(self) -> list[Call]:
        """Every call, oldest first."""
        async with self.store.read() as session:
            return list((await session.scalars(select(Call).order_by(Call.id))).all())

    async def windows(self) -> list[BudgetWindow]:
        """Every window."""
        async with self.store.read() as session:
            return list((await session.scalars(select(BudgetWindow))).all())

    async def slices(self) -> list[BudgetSlice]:
        """Every slice."""
        async with self.store.read() as session:
            return list((await session.scalars(select(BudgetSlice))).all())


class GatewayProcess:
    """A real gateway process, and what a test does to it."""

    def __init__(self, home: Path, control_port: int) -> None:
        self._home = home
        self._control = f"http://127.0.0.1:{control_port}"
        self._process: asyncio.subprocess.Process | None = None
        self.port = 0

    async def start(self, *, token: str = "") -> None:
        """Start it and wait until it listens."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "homarus.roles.gateway", "--home", str(self._home),
            "--port", "0", "--control-url", self._control, "--parent", str(os.getpid()),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        streams = self._process.stdin, self._process.stdout
        if streams[0] is not None and streams[1] is not None:
            streams[0].write(token.encode() + b"\n")
            streams[0].close()
            line = await asyncio.wait_for(streams[1].readline(), 30)
            self.port = int(line.split()[1])

    async def stop(self) -> int:
        """Ask it to end."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> int:
        """Kill it, as the machine's memory killer would."""
        return await self._end(signal.SIGKILL)

    async def _end(self, number: signal.Signals) -> int:
        if self._process is None or self._process.returncode is not None:
            return 0
        self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), 30)


@asynccontextmanager
async def gateway_process(plane: Plane, home: Path) -> AsyncIterator[GatewayProcess]:
    """The plane's API on a port, and a linked gateway process."""
    async with serving_plane(plane) as port:
        process = GatewayProcess(home, port)
        await process.start(token=await plane.gateways.arm())
        try:
            yield process
        finally:
            await process.kill()


@asynccontextmanager
async def serving_plane(plane: Plane, *, port: int = 0) -> AsyncIterator[int]:
    """The plane's API on a port."""
    late = _Late()
    async with serving(late, port=port) as bound:
        late.app = plane.app(bound)
        yield bound


async def until(
    true: Callable[[], Awaitable[T]], *, within_s: float = 15.0, clock: Clock | None = None
) -> T:
    """Return what ``true`` gives as soon as it is something; TimeoutError if it never is."""
    ours = clock or SystemClock()
    deadline = ours.monotonic() + within_s
    while True:
        found = await true()
        if found:
            return found
        if ours.monotonic() > deadline:
            raise TimeoutError("it never came true")
        await asyncio.sleep(0.02)


class _Late:
    """An application that is made once its port is known."""

    app: FastAPI

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        await self.app(scope, receive, send)  # type: ignore[arg-type]


def _nothing(_: int) -> None:
    return
