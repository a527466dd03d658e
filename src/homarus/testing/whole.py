"""A whole control plane in one process, over a target in memory, with supervisors by script.

Everything goes through the public API and the real WebSocket endpoint; only the network and
the supervisors' processes are left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from homarus.adapters.targets.null.target import NullTarget
from homarus.ports.target import SupervisorUnit
from homarus.protocol import supervisor as wire
from homarus.protocol.identity import Enrol, encode_key, sign
from homarus.roles.control_plane import ControlPlane, Options, open_control_plane
from homarus.testing.api import Installation
from homarus.testing.clock import VirtualClock

T = TypeVar("T")
_WITHIN_S = 5.0


class Closed(Exception):
    """The control plane closed the session."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


@dataclass
class ScriptedSupervisor:
    """A supervisor whose every word is the test's."""

    app: Any
    subject: str
    key: Ed25519PrivateKey
    epoch: int = 0
    sessions: list[asyncio.Task[None]] = field(default_factory=list)
    """Every session that was ever opened, also by others of this test."""
    _to_us: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    _to_them: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    _task: asyncio.Task[None] | None = None

    async def open(self) -> wire.Challenge:
        """Open a socket and return the challenge; `hello` answers it."""
        self._to_us, self._to_them = asyncio.Queue(), asyncio.Queue()
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/supervisor",
            "raw_path": b"/supervisor",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"127.0.0.1:8700")],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8700),
            "subprotocols": [],
            "state": {},
        }
        self._to_them.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self.app(scope, self._to_them.get, self._to_us.put))
        self.sessions.append(self._task)
        return await self.hear(wire.Challenge)

    def twin(self) -> ScriptedSupervisor:
        """Another process with the same key, as after a quick reconnect."""
        return ScriptedSupervisor(self.app, self.subject, self.key, sessions=self.sessions)

    async def hello(
        self, challenge: wire.Challenge, *, versions: tuple[int, int] = wire.VERSIONS
    ) -> wire.Welcome:
        """Sign the challenge and return the welcome."""
        signature = sign(self.key, subject=self.subject, nonce=challenge.nonce)
        self.say(wire.Hello(self.subject, signature, versions))
        welcome = await self.hear(wire.Welcome)
        self.epoch = welcome.epoch
        return welcome

    async def connect(self) -> wire.Welcome:
        """Open and say hello."""
        return await self.hello(await self.open())

    def say(self, message: wire.ToControl) -> None:
        """Send one message."""
        text = wire.encode(message).decode()
        self._to_them.put_nowait({"type": "websocket.receive", "text": text})

    def say_raw(self, text: str) -> None:
        """Send what is perhaps no message at all."""
        self._to_them.put_nowait({"type": "websocket.receive", "text": text})

    async def hear(self, kind: type[T]) -> T:
        """The next message, which is of this kind; `Closed` if the session ended instead."""
        message = await self.next()
        if not isinstance(message, kind):
            raise AssertionError(f"wanted {kind.__name__}, came {message}")
        return message

    async def next(self) -> wire.ToSupervisor:
        """The next message of any kind."""
        while True:
            event = await asyncio.wait_for(self._to_us.get(), _WITHIN_S)
            match event["type"]:
                case "websocket.accept":
                    continue
                case "websocket.close":
                    raise Closed(event["code"], event.get("reason") or "")
                case _:
                    text = event.get("bytes") or event["text"].encode()
                    message: wire.ToSupervisor = wire.decode_to_supervisor(text)
                    return message

    async def closed(self) -> int:
        """The code with which the control plane ends the session, whatever it says before."""
        while True:
            try:
                await self.next()
            except Closed as closed:
                return closed.code

    async def report(self, run: wire.RunState, reason: str = "", **more: Any) -> None:
        """Say a status, and wait until it was taken."""
        self.say(wire.Status(self.epoch, wire.Report(run, reason, **more)))
        await self.taken()

    async def taken(self) -> None:
        """Everything said so far was taken: an answer to a question that follows it came."""
        self.say(wire.SecretsGet("taken", ()))
        while True:
            match await self.next():
                case wire.Secrets(re="taken"):
                    return

    async def up(self, welcome: wire.Welcome, run: wire.RunState | None = None) -> None:
        """Report that everything is as this welcome desires it."""
        await self.up_to(welcome.desired, run)

    async def up_to(self, pointer: wire.Pointer, run: wire.RunState | None = None) -> None:
        """Report that everything is as ``pointer`` desires it."""
        await self.report(
            run or pointer.run,
            revision=pointer.revision,
            applied=pointer.digest,
            restart_nonce=pointer.restart_nonce,
        )

    async def leave(self) -> None:
        """The connection is lost."""
        self._to_them.put_nowait({"type": "websocket.disconnect", "code": 1006})
        assert self._task is not None
        await asyncio.wait_for(self._task, _WITHIN_S)


@dataclass
class Whole:
    """One control plane; the test makes passes happen with `work`."""

    plane: ControlPlane
    target: NullTarget
    clock: VirtualClock
    ours: Installation
    sessions: list[asyncio.Task[None]] = field(default_factory=list)

    async def call(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        token: str | None = None,
        status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """One request (the owner's, unless ``token`` says otherwise); its decoded answer."""
        async with self.ours.client(self.ours.owner_token if token is None else token) as client:
            answer: httpx2.Response = await client.request(
                method, path, json=json, headers=headers or {}
            )
        expected = range(200, 300) if status is None else (status,)
        assert answer.status_code in expected, (
            f"{method} {path}: {answer.status_code} {answer.text}"
        )
        return answer.json() if answer.content else None

    async def work(self) -> None:
        """Passes and actions until nothing more is to be done now."""
        for _ in range(30):
            made = await self.plane.reconciler.run_pass()
            acted = False
            while await self.plane.reconciler.work_once("worker"):
                acted = True
            if not made.actions and not acted:
                return
        raise AssertionError("the reconciler does not come to rest")

    async def add_model(self) -> None:
        """The demo provider and route, so that specs with the default model are valid."""
        url = "http://127.0.0.1:8702"
        await self.call("POST", "/v1/providers", {"name": "demo", "type": "demo", "base_url": url})
        price = {"input": "0.10", "cached_read": "0.01", "cache_write": "0.125", "output": "0.40"}
        route = {"name": "demo", "provider": "demo", "model": "demo-1", "price": price}
        await self.call("PUT", "/v1/routes", route)

    def spec(self, name: str = "hello", **more: Any) -> dict[str, Any]:
        """A small bot of the echo runtime."""
        small = {"name": name, "runtime": {"name": "echo"}, "target": "null"}
        return {**small, "resources": {"memory_mb": 64}, **more}

    async def create(self, name: str = "hello", **more: Any) -> Any:
        """Make a bot; returns its id, name and operation."""
        return await self.call("POST", "/v1/bots", self.spec(name, **more))

    def unit(self, bot_id: str) -> SupervisorUnit:
        """What the target was last asked to run for a bot."""
        units = [u for u in self.target.platform.units.values() if u.bot_id == bot_id]
        return max(units, key=lambda u: u.generation)

    async def enrol(
        self, unit: SupervisorUnit, key: Ed25519PrivateKey | None = None, *, status: int = 200
    ) -> ScriptedSupervisor:
        """Enrol a supervisor with the token of its unit."""
        key = key or Ed25519PrivateKey.generate()
        asked = Enrol(unit.enrolment_token, encode_key(key.public_key().public_bytes_raw()))
        body = msgspec.to_builtins(asked)
        answer = await self.call("POST", "/enrol", body, token="", status=status)
        subject = answer["subject"] if status == 200 else f"{unit.bot_id}/{unit.generation}"
        return ScriptedSupervisor(self.plane.app, subject, key, sessions=self.sessions)

    async def running(self, name: str = "hello", **more: Any) -> tuple[Any, ScriptedSupervisor]:
        """A bot that runs, and its connected supervisor."""
        made = await self.create(name, **more)
        await self.work()
        supervisor = await self.enrol(self.unit(made["id"]))
        await supervisor.up(await supervisor.connect())
        await self.work()
        return made, supervisor

    async def bot(self, ref: str = "hello") -> Any:
        """A bot as the API shows it."""
        return await self.call("GET", f"/v1/bots/{ref}")

    async def operation(self, made: Any) -> Any:
        """The operation of an answer."""
        return await self.call("GET", f"/v1/operations/{made['operation_id']}")


@asynccontextmanager
async def whole_control_plane(url: str, home: Path, clock: VirtualClock) -> AsyncIterator[Whole]:
    """Open a control plane on the empty store at ``url``, its first start done."""
    targets: list[NullTarget] = []

    def make(install_id: str) -> dict[str, NullTarget]:
        targets.append(NullTarget(install_id=install_id, clock=clock))
        return {"null": targets[0]}

    options = Options(home=home, database=url, port=8700, gateway_port=8701)
    plane = await open_control_plane(options, clock, make)
    first = await plane.foundation.bootstrap.first_start(email="owner@example.test", name="Owner")
    assert first is not None
    ours = Installation(
        plane.app, plane.store, plane.foundation, first.owner, first.cli_token, first.login_link
    )
    whole = Whole(plane, targets[0], clock, ours)
    await whole.add_model()
    yield whole
    for session in whole.sessions:
        session.cancel()
    await asyncio.gather(*whole.sessions, return_exceptions=True)
    for _ in range(3):  # connections of cancelled work are closed by tasks of their own
        await asyncio.sleep(0.01)
    await plane.store.close()
