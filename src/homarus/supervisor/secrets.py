"""Secret values: in this process's memory only, handed to the bot through a socket."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import socket
import struct
from collections.abc import Mapping
from pathlib import Path

import msgspec

from homarus.supervisor.procfs import descends

log = logging.getLogger(__name__)
_LONGEST_REQUEST = 64 * 1024


class Ask(msgspec.Struct):
    """One line from the bot, in the form of OpenClaw's exec secret providers."""

    ids: list[str]
    protocolVersion: int = 1  # noqa: N815 - the wire's name
    provider: str = ""


class Vault:
    """The values of this generation. Nothing here is ever logged, written or listed."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._own: dict[str, str] = {}
        self.version = 0
        self.loaded = False

    def load(self, values: Mapping[str, str], *, version: int) -> None:
        """Replace all values by what the control plane sent."""
        self._values = dict(values)
        self.version = version
        self.loaded = True

    def put_own(self, name: str, value: str) -> None:
        """Set a value that the supervisor made itself (the runtime's token)."""
        self._own[name] = value

    def get(self, name: str) -> str | None:
        return self._own.get(name, self._values.get(name))

    def fingerprints(self, *, key: str) -> dict[str, str]:
        """A keyed digest per value: whoever has ``key`` can compare, nobody can read."""
        return {
            name: hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()[:16]
            for name, value in sorted(self._values.items())
        }


class SecretSocket:
    """Answers the bot's own processes, and nobody else, on a unix socket.

    The peer's credentials come from the kernel: its user must be the bot's, and it must
    be a descendant of the runtime that we started.
    """

    def __init__(self, path: Path, vault: Vault) -> None:
        self._path = path
        self._vault = vault
        self._uid = os.getuid()
        self._runtime_pid = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen; a socket left by a dead predecessor is replaced."""
        folder = self._path.parent
        folder.mkdir(exist_ok=True, mode=0o700)
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.setblocking(False)
        # Bound through the folder's descriptor: a socket's own path may only have 107 bytes.
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            listener.bind(f"/proc/self/fd/{descriptor}/{self._path.name}")
        finally:
            os.close(descriptor)
        os.chmod(self._path, 0o600)
        self._server = await asyncio.start_unix_server(
            self._serve, sock=listener, limit=_LONGEST_REQUEST
        )

    def admit(self, uid: int | None) -> None:
        """Let this user reach the socket, and only this one (None: our own)."""
        self._uid = os.getuid() if uid is None else uid
        for path in (self._path, self._path.parent):
            if path.lstat().st_uid != self._uid:
                os.lchown(path, self._uid, self._uid)

    def serve(self, runtime_pid: int) -> None:
        """Answer this process and its descendants from now on."""
        self._runtime_pid = runtime_pid

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
            self._server = None

    def _allowed(self, writer: asyncio.StreamWriter) -> bool:
        peer: socket.socket = writer.get_extra_info("socket")
        raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        pid, uid, _ = struct.unpack("3i", raw)
        runtime = self._runtime_pid
        return uid == self._uid and runtime > 0 and descends(pid, runtime)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), 10)
            if not self._allowed(writer):
                log.warning("a stranger asked for secrets and got none")
                return
            ask = msgspec.json.decode(line, type=Ask)
            values = {name: value for name in ask.ids if (value := self._vault.get(name))}
            missing = {name: {"code": "NOT_FOUND"} for name in ask.ids if name not in values}
            answer = {"protocolVersion": 1, "values": values, "errors": missing}
            writer.write(msgspec.json.encode(answer) + b"\n")
            await writer.drain()
        except (msgspec.MsgspecError, ValueError, TimeoutError, ConnectionError) as fault:
            log.warning("secrets were asked for in a way we do not know: %s", type(fault).__name__)
        finally:
            writer.close()
