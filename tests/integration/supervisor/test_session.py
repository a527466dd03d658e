"""The session alone, in process, against a control plane that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from homarus.errors import Unauthenticated, Unavailable
from homarus.kit.clock import SystemClock
from homarus.protocol import supervisor as wire
from homarus.supervisor.journal import Journal
from homarus.supervisor.reporting import Reporter
from homarus.supervisor.session import Session, enrol
from homarus.testing.control_plane import FakeControlPlane, Subject
from homarus.testing.machine import unit_of


class Ear:
    """Remembers what the session passed on."""

    def __init__(self) -> None:
        self.pointers: list[wire.Pointer] = []
        self.commands: list[wire.Command] = []
        self.over = asyncio.Event()

    def desire(self, pointer: wire.Pointer) -> None:
        self.pointers.append(pointer)

    def command(self, command: wire.Command) -> None:
        self.commands.append(command)

    def fenced(self) -> None:
        self.over.set()


class Rig:
    def __init__(self, plane: FakeControlPlane, session: Session, ear: Ear, bot: Subject) -> None:
        self.plane, self.session, self.ear, self.bot = plane, session, ear, bot


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with FakeControlPlane(heartbeat_s=0.2) as plane:
        token = plane.place("bot_A", 1, unit_of())
        key = Ed25519PrivateKey.generate()
        enrolled = await enrol(plane.url, token=token, key=key, facts={})
        ear = Ear()
        session = Session(
            key=key,
            enrolled=enrolled,
            address=lambda: plane.url,
            reporter=Reporter({"host": "here"}),
            journal=Journal(tmp_path / "journal"),
            sink=ear,
            clock=SystemClock(),
        )
        running = asyncio.create_task(session.run())
        await plane.until(lambda: session.open.is_set())
        yield Rig(plane, session, ear, plane.subjects["bot_A/1"])
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_token_works_again_for_the_same_key_only(rig: Rig) -> None:
    token = rig.bot.token
    with pytest.raises(Unauthenticated):
        await enrol(rig.plane.url, token=token, key=Ed25519PrivateKey.generate(), facts={})
    with pytest.raises(Unauthenticated):
        await enrol(rig.plane.url, token="no", key=Ed25519PrivateKey.generate(), facts={})
    with pytest.raises(Unavailable):
        await enrol("http://127.0.0.1:9", token=token, key=Ed25519PrivateKey.generate(), facts={})


async def test_a_unit_that_is_not_the_named_one_is_refused(rig: Rig) -> None:
    digest = rig.bot.pointer.digest
    assert (await rig.session.unit(digest)).digest() == digest
    rig.plane.units[digest] = msgspec.structs.replace(rig.plane.units[digest], isolation="plain")
    with pytest.raises(Unavailable, match="not the one"):
        await rig.session.unit(digest)


async def test_nonsense_ends_the_session_and_not_the_supervisor(rig: Rig) -> None:
    await rig.bot.socket.send_str('{"type":"surprise"}')
    await rig.plane.until(lambda: rig.bot.epoch == 2 and rig.session.open.is_set())
    await rig.plane.want(rig.bot, restart_nonce=7)
    await rig.plane.until(lambda: rig.ear.pointers[-1].restart_nonce == 7)


async def test_without_a_session_it_says_so_at_once(rig: Rig) -> None:
    await rig.plane.close()
    await rig.plane.until(lambda: not rig.session.open.is_set())
    with pytest.raises(Unavailable):
        await rig.session.secrets(("A",))


async def test_a_fence_is_final(rig: Rig) -> None:
    await rig.plane.fence(rig.bot)
    await asyncio.wait_for(rig.ear.over.wait(), 10)
    assert not rig.session.open.is_set()


async def test_a_report_goes_once_and_heartbeats_follow(rig: Rig) -> None:
    await rig.plane.until(lambda: rig.bot.heartbeats >= 3)
    assert len(rig.bot.reports) == 1
    assert rig.bot.facts == {"host": "here"}
