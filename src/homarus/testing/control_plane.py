"""A control plane in a test's hands: speaks the supervisor dialect, remembers all it hears.

No store and no rules beyond the protocol's: the test says what is desired. It can be made
deaf (`drop`), fence a generation, or come back on the same port with its memory intact.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
from aiohttp import WSMsgType, web

from homarus.protocol import identity
from homarus.protocol import supervisor as wire


@dataclass
class Subject:
    """One generation of one bot, as the fake knows it."""

    token: str
    pointer: wire.Pointer
    public_key: str = ""
    epoch: int = 0
    fenced: bool = False
    socket: web.WebSocketResponse | None = None
    reports: list[wire.Report] = field(default_factory=list)
    heartbeats: int = 0
    results: dict[int, wire.Result] = field(default_factory=dict)
    replies: list[wire.Result] = field(default_factory=list)
    deltas: list[wire.Delta] = field(default_factory=list)
    commands: dict[str, wire.Command] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def report(self) -> wire.Report | None:
        return self.reports[-1] if self.reports else None

    def outcome(self, key: str) -> wire.Result | None:
        """The final result of a command, once it came."""
        found = [r for r in (*self.results.values(), *self.replies) if r.key == key]
        final = [r for r in found if r.state != "accepted"]
        return final[-1] if final else None


class FakeControlPlane:
    """``async with FakeControlPlane() as plane``: listens on a free loopback port."""

    def __init__(self, *, heartbeat_s: float = 15.0) -> None:
        self.subjects: dict[str, Subject] = {}
        self.units: dict[str, wire.RunUnit] = {}
        self.secrets: dict[str, dict[str, str]] = {}
        self.url = ""
        self.acknowledges = True
        self._heartbeat_s = heartbeat_s
        self._port = 0
        self._stack = AsyncExitStack()
        self._heard = asyncio.Event()

    async def __aenter__(self) -> FakeControlPlane:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Listen; after `close` on the same port as before."""
        app = web.Application()
        app.router.add_post("/enrol", self._enrol)
        app.router.add_get("/session", self._session)
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        await site.start()
        if not self._port:
            self._port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def close(self) -> None:
        """Go away; sessions break, memory stays."""
        for subject in self.subjects.values():
            if subject.socket is not None:
                await subject.socket.close(code=1001)
        await self._stack.aclose()

    # ---- what a test wants

    def place(
        self, bot_id: str, generation: int, unit: wire.RunUnit, *, gateway_url: str = ""
    ) -> str:
        """Expect this generation, wanting ``unit`` running; returns its enrolment token."""
        self.units[unit.digest()] = unit
        token = os.urandom(16).hex()
        pointer = wire.Pointer(
            unit.revision, unit.digest(), wire.RunState.RUNNING, 0, 1, gateway_url
        )
        self.subjects[f"{bot_id}/{generation}"] = Subject(token, pointer)
        self.secrets.setdefault(bot_id, {wire.GATEWAY_KEY: f"key-of-{bot_id}"})
        return token

    async def want(self, subject: Subject, **changes: object) -> None:
        """Change the pointer and send it if a session stands."""
        subject.pointer = msgspec.structs.replace(subject.pointer, **changes)
        if subject.socket is not None and not subject.socket.closed:
            await self._tell(subject.socket, wire.Desired(subject.pointer))

    async def want_unit(self, subject: Subject, unit: wire.RunUnit) -> None:
        self.units[unit.digest()] = unit
        await self.want(subject, revision=unit.revision, digest=unit.digest())

    async def order(self, subject: Subject, key: str, kind: str, **params: str) -> None:
        """Send a command now, and again in every new session until it has its result."""
        deadline = datetime.now(UTC) + timedelta(seconds=120)
        command = wire.Command(key, kind, deadline.isoformat(), params)
        subject.commands[key] = command
        if subject.socket is not None:
            await self._tell(subject.socket, command)

    async def fence(self, subject: Subject) -> None:
        """End this generation for good."""
        subject.fenced = True
        if subject.socket is not None:
            await subject.socket.close(code=wire.CLOSE_FENCED, message=b"fenced")

    async def drop(self, subject: Subject) -> None:
        """Break the connection, as a network would."""
        if subject.socket is not None:
            await subject.socket.close(code=1001)

    async def until(self, true: Callable[[], object], *, within_s: float = 30.0) -> None:
        """Return once ``true()`` holds; looked at after everything that is heard.

        Raises:
            TimeoutError: it did not, with all reports for the reader.
        """
        try:
            async with asyncio.timeout(within_s):
                while not true():
                    self._heard.clear()
                    await asyncio.wait_for(asyncio.shield(self._listen()), None)
        except TimeoutError:
            said = {
                name: [(r.run.value, r.reason, r.issues) for r in subject.reports[-8:]]
                for name, subject in self.subjects.items()
            }
            raise TimeoutError(f"never came true; last reports: {said}") from None

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(0.1):
                await self._heard.wait()
        except TimeoutError:
            return

    # ---- the protocol

    async def _enrol(self, request: web.Request) -> web.Response:
        body = msgspec.json.decode(await request.read(), type=identity.Enrol)
        for name, subject in self.subjects.items():
            if subject.token == body.token:
                if subject.public_key not in ("", body.public_key):
                    return web.Response(status=409)
                subject.public_key = body.public_key
                answer = identity.Enrolled(name, "/session")
                return web.Response(body=msgspec.json.encode(answer))
        return web.Response(status=401)

    async def _session(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=wire.MAX_FRAME, compress=False)
        await socket.prepare(request)
        nonce = os.urandom(16).hex()
        await self._tell(socket, wire.Challenge(nonce))
        hello = wire.decode_to_control((await socket.receive_str()).encode())
        if not isinstance(hello, wire.Hello):
            await socket.close(code=wire.CLOSE_IDENTITY)
            return socket
        subject = self.subjects.get(hello.subject)
        if subject is None or not identity.verify(
            subject.public_key, subject=hello.subject, nonce=nonce, signature=hello.signature
        ):
            await socket.close(code=wire.CLOSE_IDENTITY)
            return socket
        if subject.fenced:
            await socket.close(code=wire.CLOSE_FENCED)
            return socket
        if subject.socket is not None and not subject.socket.closed:
            await subject.socket.close(code=wire.CLOSE_REPLACED)
        subject.epoch += 1
        subject.socket = socket
        subject.facts = hello.facts
        await self._tell(
            socket,
            wire.Welcome(
                subject.epoch,
                self._heartbeat_s,
                datetime.now(UTC).isoformat(),
                subject.pointer,
                max(subject.results, default=0),
            ),
        )
        for command in subject.commands.values():
            if subject.outcome(command.key) is None:
                await self._tell(socket, command)
        self._heard.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._hear(hello.subject, subject, socket, message.data.encode())
                self._heard.set()
        return socket

    async def _hear(
        self, name: str, subject: Subject, socket: web.WebSocketResponse, frame: bytes
    ) -> None:
        match wire.decode_to_control(frame):
            case wire.UnitGet(re, digest):
                await self._tell(socket, wire.Unit(re, self.units[digest]))
            case wire.SecretsGet(re, names):
                values = self.secrets[name.split("/")[0]]
                found = {one: values[one] for one in names if one in values}
                missing = tuple(one for one in names if one not in values)
                version = subject.pointer.secrets_version
                await self._tell(socket, wire.Secrets(re, version, found, missing))
            case wire.Status(epoch, report) if epoch == subject.epoch:
                subject.reports.append(report)
            case wire.Heartbeat(epoch) if epoch == subject.epoch:
                subject.heartbeats += 1
            case wire.Delta() as delta:
                subject.deltas.append(delta)
            case wire.Result(seq=0) as reply:
                subject.replies.append(reply)
            case wire.Result() as result if self.acknowledges:
                subject.results[result.seq] = result
                await self._tell(socket, wire.Acked(result.seq))
            case _:
                return

    @staticmethod
    async def _tell(socket: web.WebSocketResponse, message: wire.ToSupervisor) -> None:
        await socket.send_str(wire.encode(message).decode())
