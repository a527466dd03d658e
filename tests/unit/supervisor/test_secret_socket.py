"""Only the runtime's own line of processes gets an answer."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from homarus.supervisor.secrets import SecretSocket, Vault


@pytest.fixture
async def door() -> AsyncIterator[tuple[SecretSocket, Path]]:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        vault = Vault()
        vault.load({"A": "planted"}, version=1)
        path = Path(folder) / "d" / "s"
        door = SecretSocket(path, vault)
        await door.open()
        yield door, path
        await door.close()


async def ask(path: Path, request: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


async def test_a_descendant_is_answered_with_what_there_is(door) -> None:
    socket, path = door
    socket.serve(os.getpid())
    answer = json.loads(await ask(path, b'{"protocolVersion":1,"ids":["A","B"]}\n'))
    assert answer["values"] == {"A": "planted"}
    assert answer["errors"] == {"B": {"code": "NOT_FOUND"}}


async def test_a_stranger_gets_nothing(door) -> None:
    socket, path = door
    stranger = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=-1)
    socket.serve(stranger.pid)
    assert await ask(path, b'{"ids":["A"]}\n') == b""
    stranger.stdin.close()
    await stranger.wait()


@pytest.mark.parametrize("words", [b"nonsense\n", b'{"ids":"A"}\n', b"\n"])
async def test_nonsense_gets_nothing(door, words: bytes) -> None:
    socket, path = door
    socket.serve(os.getpid())
    assert await ask(path, words) == b""
    assert path.stat().st_mode & 0o777 == 0o600
