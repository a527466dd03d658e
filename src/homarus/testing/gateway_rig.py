"""A gateway without a control plane, upstreams, and a client that counts every byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from homarus.demo.app import DemoModel
from homarus.gateway.server import Server
from homarus.gateway.snapshot import build, key_digest
from homarus.gateway.spool import Spool
from homarus.gateway.wire.limits import Limits
from homarus.gateway.worker import Worker
from homarus.kit.clock import SystemClock
from homarus.protocol import gateway as wire
from homarus.testing.serving import serving

KEY = "hmb_test"
PEPPER = b"p" * 32
PRICE = wire.PriceRow("price_1", 1_000_000, 100_000, 1_250_000, 5_000_000_000)


def tables(base_url: str, *, paused: bool = False, priced: bool = True) -> wire.Tables:
    """One bot with one budget, one provider and one route named ``demo``."""
    digest = key_digest(PEPPER, KEY.encode()).hex()
    return wire.Tables(
        keys=(wire.KeyRow(digest, "ws_1", "bot_1", 1, paused, ("bgt_1",)),),
        budgets=(wire.BudgetRow("bgt_1", "bot hello", "day"),),
        providers=(
            wire.ProviderRow("prv_1", "demo", ("openai", "anthropic"), base_url, "sk-up", True),
        ),
        routes=(
            wire.RouteRow(
                "rte_1", "ws_1", "demo", "prv_1", "homarus-demo", 4096, PRICE if priced else None
            ),
        ),
    )


@dataclass
class Rig:
    """A running gateway in a test's hands."""

    server: Server
    port: int
    worker: Worker

    def grant(self, amount: int, *, low: bool = False) -> None:
        """Give the worker allowance, as a lease would."""
        row = wire.BudgetRow("bgt_1", "bot hello", "day")
        window = self.worker.slices.window(row, self.worker.ruling_now())
        self.worker.slices.grant("bgt_1", window, f"slc_{amount}", amount, low=low)

    def records(self) -> list[wire.Record]:
        """Everything that stands in the spool."""
        raw, _ = self.worker.spool.read(self.worker.spool.start(), 10_000)
        return [wire.decode_record(record) for record in raw]


@asynccontextmanager
async def gateway(
    folder: Path, rows: wire.Tables, *, limits: Limits | None = None
) -> AsyncIterator[Rig]:
    """Run a gateway on a free port with ``rows`` as its configuration."""
    worker = Worker(Spool(folder, segment_size=1 << 20), id_="wrk_1", clock=SystemClock())
    worker.load(build(1, PEPPER, rows))
    worker.confirm()
    worker.current = True
    server = Server(worker, limits=limits)
    port = await server.start("127.0.0.1", 0)
    try:
        yield Rig(server, port, worker)
    finally:
        await server.close(grace=0.2)
        worker.spool.close()


@asynccontextmanager
async def demo_model(*, faults: bool = True, key: str = "") -> AsyncIterator[str]:
    """The demo model on a free port; gives its base URL."""
    async with serving(DemoModel(faults=faults, key=key)) as port:
        yield f"http://127.0.0.1:{port}/v1"


@asynccontextmanager
async def scripted(
    answers: list[bytes], *, close_after: int = 1_000
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """An upstream that answers each request with the next of ``answers``, byte for byte."""
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served = 0
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                )
                seen.append(head + await reader.readexactly(length))
                if served >= close_after or not answers:
                    break
                writer.write(answers.pop(0))
                await writer.drain()
                served += 1
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", seen
    finally:
        server.close()


async def exchange(port: int, raw: bytes, *, eof: bool = False) -> bytes:
    """Send ``raw``, and return everything that comes until the gateway closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    if eof:
        writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return answer


def post(path: str, body: bytes, *extra: str, key: str = KEY, close: bool = True) -> bytes:
    """Return a call's bytes."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {key}",
        f"Content-Length: {len(body)}",
        *extra,
        *(["Connection: close"] if close else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
