"""Every runtime's two halves keep the contracts of their ports."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homarus.adapters.catalog import RUNTIMES, load_runtime_host, load_runtime_model
from homarus.adapters.runtimes.openclaw.host import OpenClawHost
from homarus.adapters.runtimes.openclaw.wire import Gateway
from homarus.errors import Invalid, Permanent, Unavailable
from homarus.ports.runtime_host import ChannelSeen, RuntimeHost, SkillSeen, Ticket
from homarus.ports.runtime_model import RuntimeModel
from homarus.supervisor.secrets import SecretSocket, Vault
from homarus.testing.contracts.runtime import (
    RuntimeModelContract,
    RuntimePairContract,
    RuntimeTurnContract,
    places,
    spec_for,
)
from homarus.testing.fake_openclaw import FakeOpenClaw


@pytest.fixture(params=sorted(RUNTIMES))
def model(request: pytest.FixtureRequest) -> RuntimeModel:
    return load_runtime_model(request.param)


@pytest.fixture
def host(model: RuntimeModel) -> RuntimeHost:
    return load_runtime_host(model.name, {})


class TestModels(RuntimeModelContract):
    pass


class TestPairs(RuntimePairContract):
    pass


class TestEchoTurns(RuntimeTurnContract):
    @pytest.fixture
    async def open_host(self, tmp_path: Path) -> AsyncIterator[RuntimeHost]:
        model, host = load_runtime_model("echo"), load_runtime_host("echo", {})
        seen = places(tmp_path)
        vault = Vault()
        vault.put_own("HOMARUS_RUNTIME_TOKEN", "t")
        ticket = Ticket(port=_free_port(), token="t", gateway_url="", paused=False)
        seen.state.mkdir()
        seen.config.mkdir()
        (tmp_path / "runtime").mkdir()
        rendered = model.render(spec_for(model), model_route="m")
        text = rendered.files[0].content
        values = {**host.fill(places=seen, ticket=ticket), "SOCKET": str(tmp_path / "s" / "s")}
        for name, value in values.items():
            text = text.replace("@{" + name + "}", value)
        (seen.config / "echo.json").write_text(text)

        async def progress(_: object) -> None:
            return

        folder = await host.install(version="1", store=tmp_path, progress=progress)
        door = SecretSocket(tmp_path / "s" / "s", vault)
        await door.open()
        bot = subprocess.Popen(  # noqa: ASYNC220 - its own life, ended below
            [sys.executable, "-I", "-S", str(folder / "bot.py"), str(seen.config / "echo.json")],
            stdout=subprocess.DEVNULL,
        )
        door.serve(bot.pid)
        try:
            while not (await host.health(ticket=ticket)).ready:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            await host.open(ticket=ticket)
            yield host
        finally:
            bot.kill()
            bot.wait()
            await door.close()


class TestOpenClawTurns(RuntimeTurnContract):
    @pytest.fixture
    async def claw(self) -> AsyncIterator[FakeOpenClaw]:
        async with FakeOpenClaw() as claw:
            yield claw

    @pytest.fixture
    async def open_host(self, claw: FakeOpenClaw) -> AsyncIterator[RuntimeHost]:
        host = OpenClawHost({})
        await host.open(ticket=_ticket(claw))
        yield host
        await host.close()

    async def test_usage_comes_with_the_final_answer(self, open_host: RuntimeHost) -> None:
        final = (await self._turn(open_host, "turn_1"))[-1]
        assert final.usage == {"input": 12, "output": 3, "cache_read": 0, "cache_write": 0}

    async def test_a_broken_connection_is_unavailable_and_then_recalled(
        self, claw: FakeOpenClaw, open_host: RuntimeHost
    ) -> None:
        claw.crash = True
        with pytest.raises(Unavailable):
            await self._turn(open_host, "turn_1")
        await open_host.open(ticket=_ticket(claw))
        recalled = await open_host.recall(turn_id="turn_1")
        assert recalled is not None
        assert recalled.text == claw.answer

    async def test_past_its_deadline_a_turn_is_ended_before_the_next(
        self, claw: FakeOpenClaw, open_host: RuntimeHost
    ) -> None:
        claw.stuck = True
        soon = datetime.now(UTC)
        events = open_host.send(turn_id="turn_1", text="x", traceparent="", deadline=soon)
        last = [event async for event in events][-1]
        assert (last.kind, last.text) == ("failed", "The bot did not answer before the deadline.")
        assert claw.active == []
        claw.stuck = False
        assert (await self._turn(open_host, "turn_2"))[-1].text == claw.answer

    async def test_deltas_lost_to_a_full_queue_leave_no_gap(
        self, open_host: RuntimeHost, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = Gateway._dispatch

        def forgetful(gateway: Gateway, frame: dict[str, Any]) -> None:
            if (frame.get("payload") or {}).get("deltaText") != "lobsters":
                real(gateway, frame)

        monkeypatch.setattr(Gateway, "_dispatch", forgetful)
        await self.test_deltas_add_up_to_the_final_answer(open_host)

    async def test_pausing_stops_channels_and_asks_for_a_new_start(
        self, claw: FakeOpenClaw, open_host: RuntimeHost
    ) -> None:
        assert await open_host.pause() is False
        assert claw.stopped == ["telegram"]

    async def test_channels_and_skills_are_told_in_our_words(
        self, claw: FakeOpenClaw, open_host: RuntimeHost
    ) -> None:
        claw.channels = {
            "telegram": {"configured": True, "running": True, "mode": "polling"},
            "slack": {"configured": True, "running": False, "lastError": "invalid_auth"},
            "irc": {"configured": True, "running": False},
            "matrix": {"configured": False, "running": False},
            "odd": None,
        }
        source = {"source": "openclaw-bundled"}
        claw.skills = [
            {"name": "weather", "eligible": True, "missing": {"bins": []}, **source},
            {"name": "video", "missing": {"bins": ["ffmpeg"], "env": ["KEY"], "os": 1}, **source},
            {"name": "off", "eligible": True, "disabled": True, "source": "openclaw-workspace"},
            {"name": "elsewhere", "eligible": False},
            "odd",
        ]
        seen = await open_host.inventory()
        assert seen.channels == (
            ChannelSeen("irc", "stopped", ""),
            ChannelSeen("slack", "failed", "invalid_auth"),
            ChannelSeen("telegram", "running", "polling"),
        )
        assert seen.skills == (
            SkillSeen("weather", True, "", "bundled"),
            SkillSeen("video", False, "bins missing: ffmpeg; env missing: KEY", "bundled"),
            SkillSeen("off", False, "switched off", "workspace"),
            SkillSeen("elsewhere", False, "not for this machine", ""),
        )

    async def test_who_has_the_wrong_token_is_not_connected(self, claw: FakeOpenClaw) -> None:
        host = OpenClawHost({})
        claw.token = "another"
        with pytest.raises(Unavailable, match="token mismatch"):
            await host.open(ticket=Ticket(claw.port, "fake", "", False))

    async def test_while_it_starts_it_is_alive_and_not_ready(self, claw: FakeOpenClaw) -> None:
        claw.starting = True
        health = await OpenClawHost({}).health(ticket=_ticket(claw))
        assert (health.alive, health.ready) == (True, False)


def test_an_unknown_runtime_is_named() -> None:
    with pytest.raises(Invalid, match="no runtime 'none'"):
        load_runtime_model("none")
    with pytest.raises(Permanent):
        load_runtime_host("none", {})


def _ticket(claw: FakeOpenClaw) -> Ticket:
    return Ticket(claw.port, claw.token, "", False)


def _free_port() -> int:

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
