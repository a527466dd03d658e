"""A small HTTP/1.1 client for the runtime's own port on this machine. Not for anywhere else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from homarus.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, and the body line by line as it arrives; the connection ends with the body."""

    status: int
    lines: AsyncIterator[bytes]


async def _lines(reader: asyncio.StreamReader, length: int | None) -> AsyncIterator[bytes]:
    left = length
    while left is None or left > 0:
        line = await reader.readline()
        if not line:
            return
        if left is not None:
            left -= len(line)
        yield line


@contextlib.asynccontextmanager
async def request(
    port: int,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 5.0,
) -> AsyncIterator[Answer]:
    """Ask ``127.0.0.1:port``; the answer must not be chunked. ``timeout_s`` is for its head.

    Raises:
        Unavailable: nobody answers, or not in time.
    """
    writer = None
    try:
        try:
            async with asyncio.timeout(timeout_s):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                head = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
                head += [f"{name}: {value}" for name, value in (headers or {}).items()]
                head += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
                writer.write("\r\n".join(head).encode() + body)
                await writer.drain()
                status, length = await _head(reader)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as fault:
            raise Unavailable(f"Nothing answers on port {port}.") from fault
        yield Answer(status, _lines(reader, length))
    finally:
        if writer is not None:
            writer.close()


async def _head(reader: asyncio.StreamReader) -> tuple[int, int | None]:
    status = int((await reader.readuntil(b"\r\n")).split()[1])
    length: int | None = None
    while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    return status, length
