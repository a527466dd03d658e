"""``homarus provider`` and ``homarus calls`` against a whole control plane and a real gateway."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.conftest import Ran

from homarus.adapters.targets.null.target import NullTarget
from homarus.cli.main import INTERRUPTED, execute
from homarus.client.api import Api
from homarus.client.credential import Credential
from homarus.domains.call.hub import GatewayHub
from homarus.domains.call.keys import BotKeys
from homarus.domains.call.service import GatewayService
from homarus.domains.provider.discovery import Place
from homarus.kit.clock import SystemClock
from homarus.roles.control_plane import ControlPlane, Options, open_control_plane
from homarus.roles.first_bot import FirstBot
from homarus.roles.screen import Screen
from homarus.settings import Settings
from homarus.testing.gateway_plane import GatewayProcess, until
from homarus.testing.gateway_rig import demo_model, exchange, post
from homarus.testing.serving import serving

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Late:
    """An application that is made once its port is known."""

    app: Any

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@dataclass
class Owner:
    """The owner of an installation, and what they type."""

    plane: ControlPlane
    port: int
    token: str
    capsys: pytest.CaptureFixture[str]

    async def __call__(self, *arguments: str) -> Ran:
        self.capsys.readouterr()
        code = await asyncio.to_thread(execute, list(arguments))
        printed = self.capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    def api(self) -> Api:
        return Api(Credential(f"http://127.0.0.1:{self.port}", self.token))


@pytest.fixture
def usual() -> tuple[Place, ...]:
    """Where model servers of this machine are looked for; a test may want some there."""
    return ()


@pytest.fixture
async def owner(
    sqlite_url: str,
    usual: tuple[Place, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> AsyncIterator[Owner]:
    late, clock = Late(), SystemClock()
    async with serving(late) as port:
        options = Options(
            home=tmp_path, database=sqlite_url, port=port, gateway_port=1, local_servers=usual
        )
        plane = await open_control_plane(
            options, clock, lambda mine: {"null": NullTarget(install_id=mine, clock=clock)}
        )
        late.app = plane.app
        boot = plane.foundation.bootstrap
        first = await boot.first_start(email="owner@example.test", name="Owner")
        assert first is not None
        monkeypatch.setenv("HOMARUS_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("HOMARUS_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("HOMARUS_TOKEN", first.cli_token)
        monkeypatch.setenv("NEW_KEY", "sk-marked-right")
        monkeypatch.setenv("OLD_KEY", "sk-marked-wrong")
        yield Owner(plane, port, first.cli_token, capsys)
    await plane.store.close()


async def test_a_wrong_key_is_told_and_replaced_without_losing_routes(owner: Owner) -> None:
    async with demo_model(key="sk-marked-right") as url:
        where = ("--base-url", url)
        added = await owner("provider", "add", "openai", "--key-env", "OLD_KEY", *where)
        assert added.code == 0
        assert "refuses this key (HTTP 401)" in added.out
        assert "homarus provider set NAME --key-env VARIABLE" in added.out
        route = ("provider", "route", "smart", "--provider", "openai", "--model", "gpt-4o")
        assert (await owner(*route)).code == 0
        refused = await owner("provider", "check", "openai")
        assert refused.code == 5
        assert "refuses this key" in refused.out + refused.err

        changed = await owner("provider", "set", "openai", "--key-env", "NEW_KEY")
        assert "takes this key" in changed.out
        assert (await owner("provider", "check", "openai", "--json")).json["ok"]
        again = await owner("provider", "set", "openai", "--key-env", "NEW_KEY", "--json")
        assert again.json["check"]["ok"]
    assert "smart" in (await owner("provider", "routes")).out
    shown = await owner("provider", "get", "openai", "--json")
    assert shown.json["has_key"]
    with owner.api() as api:
        events = await asyncio.to_thread(
            lambda: list(api.pages("/v1/audit", action="provider.update"))
        )
    assert [event["detail"] for event in events] == [{"key": "replaced"}], "the same again is none"
    printed = added.out + changed.out + again.out + shown.out + json.dumps(events)
    assert "sk-marked" not in printed


async def test_a_provider_is_moved_listed_and_removed(owner: Owner) -> None:
    add = ("provider", "add", "demo", "--base-url", "http://127.0.0.1:9/v1", "--key-env", "OLD_KEY")
    assert "does not answer" in (await owner(*add)).out
    async with demo_model() as url:
        moved = await owner("provider", "set", "demo", "--base-url", url + "/", "--json")
        assert (moved.json["base_url"], moved.json["check"]["ok"]) == (url, True)
    assert url in (await owner("provider", "list")).out
    far = await owner("provider", "set", "demo", "--base-url", "http://models.example")
    assert far.code == 3
    assert "https only" in far.err
    assert (await owner("provider", "set", "demo")).code == 3, "nothing to change"
    assert (await owner("provider", "set", "demo", "--key-env", "NOT_THERE")).code == 3
    assert (await owner("provider", "set", "other", "--base-url", url)).code == 4
    assert (await owner("provider", "remove", "demo")).code == 0
    assert (await owner("provider", "get", "demo")).code == 4
    assert "homarus provider add" in (await owner("provider", "list")).out


async def test_the_demo_model_is_found_again_on_another_port(owner: Owner, tmp_path: Path) -> None:
    """What every start does: the demo's port is a setting, and the provider follows it."""
    with owner.api() as api:
        for port in (8702, 9702):
            settings = Settings(home=tmp_path, demo_port=port)
            first = FirstBot(api, Screen(), settings, isolation="plain")
            await asyncio.to_thread(first._ensure_demo)
            found = await asyncio.to_thread(api.get, "/v1/providers/demo")
            assert found["base_url"] == f"http://127.0.0.1:{port}"
        routes = await asyncio.to_thread(lambda: list(api.pages("/v1/routes")))
    assert [route["name"] for route in routes] == ["demo"]


async def test_calls_are_shown_with_tokens_cost_and_trace(
    owner: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No calls yet" in (await owner("calls")).out
    services = owner.plane.app.state.parts.services
    async with demo_model() as url:
        await owner("provider", "add", "demo", "--base-url", url, "--key-env", "OLD_KEY")
        await owner("provider", "route", "demo", "--provider", "demo", "--model", "homarus-demo")
        spec = {"name": "hello", "target": "null", "runtime": {"name": "echo"}}
        with owner.api() as api:
            bot = await asyncio.to_thread(api.post, "/v1/bots", spec)
            workspace = (await asyncio.to_thread(api.get, "/v1/workspace"))["id"]
        async with owner.plane.store.begin() as session:
            keys = BotKeys(
                SystemClock(),
                pepper=services[GatewayService].pepper,
                changed=services[GatewayHub].changed,
            )
            key = await keys.issue(session, bot_id=bot["id"], workspace_id=workspace, generation=1)
        gateway = GatewayProcess(tmp_path / "gateway", owner.port)
        try:
            await gateway.start(token=await services[GatewayService].arm())
            body = b'{"model":"demo","messages":[{"role":"user","content":"hi"}]}'
            parent = f"traceparent: 00-{TRACE}-00f067aa0ba902b7-01"
            raw = post("/v1/chat/completions", body, parent, key=key)

            async def answered() -> bool:
                return b" 200 " in (await exchange(gateway.port, raw))[:20]

            async def booked() -> list[Any]:
                return [c for c in (await owner("calls", "--json")).json if c["state"] == "done"]

            await until(answered)
            [call] = await until(booked)
        finally:
            await gateway.kill()
    assert (call["trace_id"], call["output_tokens"], call["demo"]) == (TRACE, 55, True)
    assert len((await owner("calls", "--last", "1", "--json")).json) == 1
    line = (await owner("calls", "--bot", "hello", "--last", "5")).out
    for words in ("hello", "demo (demo)", "55", "$0.0000", TRACE):
        assert words in line
    assert "No calls yet" in (await owner("calls", "--bot", "other")).out
    assert "No calls yet" in (await owner("calls", "--route", "other")).out
    assert len((await owner("calls", "--route", "demo", "--json")).json) == 1
    days = (await owner("calls", "--trend", "2", "--json")).json
    assert [day["calls"] for day in days][-1] + days[0]["calls"] == 1
    assert "OUTPUT TOKENS" in (await owner("calls", "--trend", "2")).out

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("homarus.cli.calls.time.sleep", interrupt)
    followed = await owner("calls", "--follow")
    assert followed.code == INTERRUPTED
    assert TRACE in followed.out


async def test_bots_are_searched_and_sorted(owner: Owner) -> None:
    await owner(
        "provider", "add", "demo", "--base-url", "http://127.0.0.1:9", "--key-env", "NEW_KEY"
    )
    await owner("provider", "route", "demo", "--provider", "demo", "--model", "homarus-demo")
    with owner.api() as api:
        for name in ("one", "two"):
            spec = {"name": name, "target": "null", "runtime": {"name": "echo"}}
            spec |= {"labels": {"team": name}, "desired": "stopped"}
            await asyncio.to_thread(api.post, "/v1/bots", spec)

    async def names(*options: str) -> list[str]:
        return [bot["name"] for bot in (await owner("bot", "list", "--json", *options)).json]

    assert await names() == ["one", "two"]
    assert await names("--sort", "name", "--order", "desc") == ["two", "one"]
    assert await names("--search", "team=two") == ["two"]
    assert await names("--search", "ONE", "--state", "pending", "--state", "stopped") == ["one"]
    assert "No bot is like that" in (await owner("bot", "list", "--runtime", "openclaw")).out
    assert (await owner("bot", "list", "--sort", "size")).code == 3


async def test_what_is_here_is_shown(owner: Owner) -> None:
    assert "openclaw" in (await owner("runtime", "list")).out
    [target] = (await owner("target", "list", "--json")).json
    assert (target["name"], target["promised_mb"]) == ("null", 0)
    assert "sandbox" in (await owner("target", "list")).out
    assert f"127.0.0.1:{owner.port}" in (await owner("about")).out
    assert (await owner("about", "--json")).json["database"] == "sqlite"


async def test_the_workspace_gets_a_limit(owner: Owner) -> None:
    assert "homarus budget set LIMIT" in (await owner("budget", "list")).out
    said = await owner("budget", "set", "2.50", "--period", "month")
    assert said.out == "The workspace may spend $2.50 a month; $0.00 is spent.\n"
    assert "$3.00 in all" in (await owner("budget", "set", "3", "--period", "total")).out
    [budget] = (await owner("budget", "list", "--json")).json
    assert (budget["scope_kind"], budget["period"]) == ("workspace", "total")
    assert "the workspace" in (await owner("budget", "list")).out
    for wrong in (("much",), ("-1",), ("1", "--period", "week")):
        assert (await owner("budget", "set", *wrong)).code in (2, 3)
