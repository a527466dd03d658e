"""The active half of runtime ``echo``: start its program, talk to its loopback port."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from homarus.adapters.runtimes.echo import bot
from homarus.errors import Issue, Unavailable
from homarus.kit.files import write_atomic
from homarus.ports.runtime_host import (
    ChannelSeen,
    ChannelState,
    Health,
    InstallProgress,
    Inventory,
    Launch,
    Places,
    ProgressSink,
    SkillSeen,
    Ticket,
    TurnEvent,
)
from homarus.supervisor.loopback import request


class _Line(msgspec.Struct):
    kind: str
    text: str
    offset: int = 0
    usage: dict[str, int] = {}

    def event(self) -> TurnEvent:
        return TurnEvent(self.kind, self.text, self.offset, self.usage)


class _Channel(msgspec.Struct):
    name: str
    state: ChannelState = "running"
    detail: str = ""


class _Skill(msgspec.Struct):
    name: str
    ready: bool = True
    detail: str = ""
    source: str = "script"


class _Inventory(msgspec.Struct):
    channels: tuple[_Channel, ...] = ()
    skills: tuple[_Skill, ...] = ()

    def seen(self) -> Inventory:
        return Inventory(
            tuple(ChannelSeen(c.name, c.state, c.detail) for c in self.channels),
            tuple(SkillSeen(s.name, s.ready, s.detail, s.source) for s in self.skills),
        )


class EchoHost:
    """One echo bot. Its program remembers turns on disk, so a repeated id is one turn."""

    name = "echo"
    port_span = 1
    ready_within_s = 20.0

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.ready_within_s = float(settings.get("ready_within_s") or self.ready_within_s)
        self._ticket: Ticket | None = None

    async def install(self, *, version: str, store: Path, progress: ProgressSink) -> Path:
        folder = _copy_program(store, version)
        await progress(InstallProgress("echo is installed", 1, 1))
        return folder

    def _argv(self, places: Places) -> tuple[str, ...]:
        python = os.path.realpath(sys.executable)
        return (
            python,
            "-I",
            "-S",
            str(places.runtime / "bot.py"),
            str(places.config / "echo.json"),
        )

    def _machine(self) -> tuple[Path, ...]:
        prefix = Path(sys.base_prefix)
        return () if prefix.is_relative_to("/usr") else (prefix,)

    async def validate(
        self, *, places: Places, run: Callable[[Launch], Awaitable[tuple[int, str]]]
    ) -> Sequence[Issue]:
        launch = Launch(argv=(*self._argv(places), "check"), env={}, machine=self._machine())
        code, output = await run(launch)
        if code == 0:
            return ()
        try:
            issue = msgspec.json.decode(output.strip().splitlines()[-1], type=dict[str, str])
        except (msgspec.MsgspecError, IndexError):
            return (Issue("", f"its validator ended with {code}: {output.strip()[-300:]}"),)
        return (Issue(f"settings.{issue['path']}", issue["message"]),)

    def fill(self, *, places: Places, ticket: Ticket) -> Mapping[str, str]:
        return {
            "PORT": str(ticket.port),
            "GATEWAY_URL": ticket.gateway_url,
            "SOCKET": str(places.socket),
            "STATE": str(places.state),
            "PAUSED": "yes" if ticket.paused else "no",
        }

    def launch(self, *, places: Places, ticket: Ticket) -> Launch:
        return Launch(
            argv=self._argv(places),
            env={"HOME": str(places.home)},
            config_exit_codes=frozenset({bot.CONFIG_EXIT}),
            machine=self._machine(),
        )

    async def health(self, *, ticket: Ticket) -> Health:
        try:
            async with request(ticket.port, "GET", "/readyz", timeout_s=1.0) as answer:
                return Health(True, answer.status == 200, f"readyz {answer.status}")
        except Unavailable as fault:
            return Health(False, False, fault.message)

    async def open(self, *, ticket: Ticket) -> None:
        self._ticket = ticket

    async def close(self) -> None:
        self._ticket = None

    def _headers(self) -> tuple[int, dict[str, str]]:
        if self._ticket is None:
            raise Unavailable("The bot is not open.")
        return self._ticket.port, {"Authorization": f"Bearer {self._ticket.token}"}

    async def _tell(self, path: str) -> bool:
        port, headers = self._headers()
        async with request(port, "POST", path, headers=headers) as answer:
            return answer.status == 200

    async def inventory(self) -> Inventory:
        port, headers = self._headers()
        async with request(port, "GET", "/inventory", headers=headers) as answer:
            body = b"".join([line async for line in answer.lines])
        if answer.status != 200:
            raise Unavailable("The bot does not say what it has.")
        return msgspec.json.decode(body, type=_Inventory).seen()

    async def pause(self) -> bool:
        return await self._tell("/pause")

    async def resume(self) -> bool:
        return await self._tell("/resume")

    async def secrets_changed(self) -> bool:
        return await self._tell("/secrets")

    async def send(
        self, *, turn_id: str, text: str, traceparent: str, deadline: datetime
    ) -> AsyncIterator[TurnEvent]:
        port, headers = self._headers()
        body = msgspec.json.encode({"id": turn_id, "text": text, "traceparent": traceparent})
        left = max(0.1, (deadline - datetime.now(UTC)).total_seconds())
        async with request(
            port, "POST", "/turn", body=body, headers=headers, timeout_s=left
        ) as answer:
            async for line in answer.lines:
                yield msgspec.json.decode(line, type=_Line).event()

    async def recall(self, *, turn_id: str) -> TurnEvent | None:
        port, headers = self._headers()
        async with request(port, "GET", f"/turns/{turn_id}", headers=headers) as answer:
            if answer.status != 200:
                return None
            async for line in answer.lines:
                return msgspec.json.decode(line, type=_Line).event()
        return None


def _copy_program(store: Path, version: str) -> Path:
    """Put the bot's program into the store; the file itself is what is replaced, atomically."""
    folder = store / f"echo-{version}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    source = Path(bot.__file__).read_bytes()
    program = folder / "bot.py"
    if not program.exists() or program.read_bytes() != source:
        write_atomic(program, source, mode=0o644)
    return folder
