"""Whether the bot reaches its AI gateway, look by look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from homarus.supervisor.gateway_watch import CODE, EVERY, GatewayWatch, accepts_connections
from homarus.supervisor.reporting import Reporter
from homarus.testing.clock import VirtualClock, settle


class Road:
    """The way to the gateway, as the test lays it."""

    def __init__(self) -> None:
        self.address = "http://gateway:8081"
        self.open = True
        self.looks: list[str] = []

    async def reach(self, url: str) -> bool:
        self.looks.append(url)
        return self.open


@pytest.fixture
def road() -> Road:
    return Road()


@pytest.fixture
def reporter() -> Reporter:
    return Reporter({})


@pytest.fixture
async def watch(road: Road, reporter: Reporter, clock: VirtualClock) -> AsyncIterator[GatewayWatch]:
    watch = GatewayWatch(
        address=lambda: road.address, reach=road.reach, reporter=reporter, clock=clock
    )
    running = asyncio.create_task(watch.run())
    await settle()
    yield watch
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def codes(reporter: Reporter) -> list[str]:
    return [finding.code for finding in reporter.report.findings]


@pytest.mark.usefixtures("watch")
async def test_the_finding_stands_while_nothing_answers(
    road: Road, reporter: Reporter, clock: VirtualClock
) -> None:
    reporter.find("another", "stays")
    assert codes(reporter) == ["another"]
    road.open = False
    await clock.advance(EVERY)
    assert codes(reporter) == ["another", CODE]
    message = reporter.report.findings[-1].message
    assert message == "The AI gateway does not answer at http://gateway:8081 from this bot."
    road.open = True
    await clock.advance(EVERY - timedelta(seconds=1))
    assert codes(reporter) == ["another", CODE]
    await clock.advance(timedelta(seconds=1))
    assert codes(reporter) == ["another"]


async def test_a_new_address_is_tried_at_once(
    watch: GatewayWatch, road: Road, reporter: Reporter
) -> None:
    road.address, road.open = "http://elsewhere:1", False
    watch.look_now()
    await settle()
    assert road.looks == ["http://gateway:8081", "http://elsewhere:1"]
    assert codes(reporter) == [CODE]


async def test_a_bot_that_is_meant_to_be_down_needs_no_gateway(
    watch: GatewayWatch, road: Road, reporter: Reporter
) -> None:
    road.open = False
    watch.look_now()
    await settle()
    assert codes(reporter) == [CODE]
    road.address = ""
    watch.look_now()
    await settle()
    assert codes(reporter) == []
    assert "" not in road.looks


async def test_a_look_is_a_connection_and_nothing_else() -> None:
    heard: list[bytes] = []
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        writer.close()
        done.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    assert await accepts_connections(url)
    await done.wait()
    assert heard == [b""]
    server.close()
    await server.wait_closed()
    assert not await accepts_connections(url)
    assert not await accepts_connections("http://127.0.0.1:70000")
