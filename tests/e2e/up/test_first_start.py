"""The main job: one command, and a real OpenClaw answers through the governed gateway.

One installation with one real OpenClaw serves every test here; they run in order.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from homarus.client.api import Api
from homarus.client.credential import Credential
from homarus.testing.installed import Homarus, all_pids, ended, make, until

MARK = f"planted-marker-{secrets.token_hex(8)}"
PROVIDER_KEY, SECRET, PASSWORD = f"sk-{MARK}-provider", f"{MARK}-secret", f"{MARK}-password"
SHAPES = re.compile(rb"(?:hmb|hme|hlk|hom)_[A-Za-z0-9_-]{30,}")


@pytest.fixture(scope="module")
def hello() -> Iterator[Homarus]:
    """``homarus up`` on an empty home, after its bot's first reply."""
    folder = Path(tempfile.mkdtemp(prefix="hom", dir="/var/tmp"))
    ours = make(folder)
    for one in ended(ours):
        one.up("--isolation", "sandbox")
        yield one
    shutil.rmtree(folder, ignore_errors=True)


def test_it_prints_reply_tokens_cost_and_times(hello: Homarus) -> None:
    said = hello.output()
    assert "hello: Hello! I am the Homarus demo model" in said
    assert re.search(r"\d+ tokens in, \d+ out, \$0\.\d+ \(demo model, demo price\), trace ", said)
    for phase in ("control plane", "OpenClaw: install", "OpenClaw: ready", "first reply"):
        assert re.search(rf"{phase} +\d+\.\d s", said), phase
    assert re.search(r"one-time login link .*http://127\.0\.0\.1:\d+/login#hlk_", said)


def test_the_bot_is_governed(hello: Homarus) -> None:
    bot = hello.json("bot", "get", "hello")
    assert (bot["runtime"], bot["target"], bot["isolation"]) == ("openclaw", "local", "sandbox")
    assert bot["spec"]["tools"]["exec"] == "deny"
    assert bot["placement"]["report"]["findings"] == []


def test_its_skills_are_listed_as_openclaw_reports_them(hello: Homarus) -> None:
    def inventory() -> Any:
        return hello.json("bot", "get", "hello")["placement"]["report"]["inventory"]

    until(lambda: (inventory() or {}).get("skills"), within=60, why=lambda: str(inventory()))
    told = inventory()
    assert (told["problem"], told["channels"]) == ("", [])
    ready = [skill["name"] for skill in told["skills"] if skill["ready"]]
    assert ready, told
    lacking = [skill for skill in told["skills"] if not skill["ready"]]
    assert all(skill["detail"] for skill in lacking)
    assert {skill["source"] for skill in told["skills"]} >= {"bundled"}
    assert f"{len(ready)} of {len(told['skills'])} ready" in hello.cli("bot", "get", "hello")


def test_chat_streams_and_the_call_is_in_the_ledger(hello: Homarus) -> None:
    turn = hello.json("bot", "chat", "hello", "demo:say The lobster is fine.")
    assert turn["answer"] == "The lobster is fine."
    (call,) = [c for c in hello.json("calls") if c["trace_id"] == turn["trace_id"]]
    assert call["state"] == "done"
    assert call["demo"]
    assert call["input_tokens"] > 1000
    assert float(call["cost_usd"]) > 0
    assert "The lobster" in hello.cli("bot", "chat", "hello", "demo:say The lobster swims.")


def test_two_messages_at_once_get_two_answers(hello: Homarus) -> None:
    with hello.api() as api:
        made = [
            api.post("/v1/bots/hello/turns", {"text": f"demo:say number {n}"}) for n in range(2)
        ]
        for number, turn in enumerate(made):
            for event in api.events(f"/v1/turns/{turn['id']}/stream"):
                if event.kind == "end":
                    assert event.data["answer"] == f"number {number}"


def test_a_route_that_speaks_anthropic_is_called_in_anthropic(hello: Homarus) -> None:
    """The README's "give it a real one", with the demo model in Anthropic's place."""
    demo = f"http://127.0.0.1:{hello.ports[2]}"
    hello.cli("provider", "add", "anthropic", "--name", "claude", "--base-url", demo)
    price = {"input": 1, "cached_read": 1, "cache_write": 1, "output": 1}
    with hello.api() as api:
        route = {"name": "smart", "provider": "claude", "model": "demo-1", "price": price}
        api.put("/v1/routes", route)
    hello.cli("bot", "edit", "hello", "--set", "model=smart")
    turn = hello.json("bot", "chat", "hello", "demo:say in another tongue")
    assert turn["answer"] == "in another tongue"
    (call,) = [c for c in hello.json("calls") if c["trace_id"] == turn["trace_id"]]
    assert (call["format"], call["state"], call["priced"]) == ("anthropic", "done", True)
    hello.cli("bot", "edit", "hello", "--set", "model=demo")


def test_the_last_use_of_a_login_link_is_its_first(hello: Homarus, folder: Path) -> None:
    link = re.search(r"http://\S+/login#hlk_\S+", hello.output())
    assert link
    elsewhere = {**hello.environment, "HOMARUS_HOME": str(folder)}
    command = [sys.executable, "-m", "homarus", "login", link[0]]
    codes = [
        subprocess.run(command, env=elsewhere, capture_output=True, check=False).returncode
        for _ in range(2)
    ]
    assert codes == [0, 6]


def test_doctor_is_content(hello: Homarus) -> None:
    examined = hello.json("doctor")
    assert examined["well"]
    checks = {finding["check"] for finding in examined["findings"]}
    assert {
        "memory",
        "disk",
        "sandbox",
        "node",
        "store",
        "clock",
        "ports",
        "gateway",
        "bot",
    } <= checks


@pytest.fixture(scope="module")
def planted(hello: Homarus) -> Homarus:
    """Marked secrets put in by every door, and used by a call through the gateway."""
    environment = {**hello.environment, "MARKED_KEY": PROVIDER_KEY, "MARKED": SECRET}

    def run(*arguments: str) -> None:
        command = [sys.executable, "-m", "homarus", *arguments]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)

    demo = f"http://127.0.0.1:{hello.ports[2]}"
    add = ["provider", "add", "openai", "--name", "marked", "--base-url", demo]
    run(*add, "--key-env", "MARKED_KEY")
    run("secret", "set", "MARKED_SECRET", "--env", "MARKED")
    price = {"input": 1, "cached_read": 1, "cache_write": 1, "output": 1}
    with hello.api() as api:
        route = {"name": "marked", "provider": "marked", "model": "demo-1", "price": price}
        api.put("/v1/routes", route)
        owner = next(iter(api.pages("/v1/users", most=1)))["id"]
        link = api.post(f"/v1/users/{owner}/login-link")["token"]
        with Api(Credential(api.url, "")) as browser:
            browser.session_cookie("/v1/login/link", {"token": link})
            browser.put("/v1/me/password", {"password": PASSWORD})
        spec = api.get("/v1/bots/hello")["spec"]
        spec["model"], spec["secrets"] = "marked", ["MARKED_SECRET"]
        spec["settings"] = {"skills": {"entries": {"x": {"apiKey": {"secret": "MARKED_SECRET"}}}}}
        applied = api.put("/v1/bots/hello", {"spec": spec})
    assert applied["outcome"] == "changed"
    hello.cli("bot", "restart", "hello")
    turn = hello.json("bot", "chat", "hello", "demo:say marked")
    assert turn["answer"] == "marked"
    return hello


@pytest.mark.usefixtures("planted")
class TestPlantedSecrets:
    """Every place is searched for what was planted, and for anything shaped like a token."""

    @pytest.fixture
    def found(self, hello: Homarus) -> set[bytes]:
        """What must be nowhere: the marks, the master key, and anything shaped like a token."""
        master = (hello.home / "master.key").read_bytes().strip()
        return {MARK.encode(), master}

    def places_with(self, marks: set[bytes], content: bytes, *, known: set[bytes]) -> set[bytes]:
        held = {mark for mark in marks if mark in content}
        return held | {token for token in SHAPES.findall(content) if token not in known}

    def test_disk_database_and_logs(self, hello: Homarus, found: set[bytes]) -> None:
        for path in sorted(p for p in hello.home.rglob("*") if p.is_file()):
            if "runtimes" in path.parts or path.name in ("master.key", "cli.json"):
                continue
            held = self.places_with(found, path.read_bytes(), known=set())
            assert not held, f"{path}: {held}"

    def test_the_files_that_may_hold_one_hold_their_own(self, hello: Homarus) -> None:
        for name in ("master.key", "cli.json"):
            path = hello.home / name
            assert path.stat().st_mode & 0o777 == 0o600
            assert MARK.encode() not in path.read_bytes()

    def test_arguments_of_every_process(self, found: set[bytes]) -> None:
        for pid in all_pids():
            held = self.places_with(found, _read(f"/proc/{pid}/cmdline"), known=set())
            assert not held, f"{pid}: {held}"

    def test_environment_of_every_process(self, found: set[bytes]) -> None:
        for pid in all_pids():
            held = self.places_with(found, _read(f"/proc/{pid}/environ"), known=set())
            assert not held, f"{pid}: {held}"

    def test_what_up_printed(self, hello: Homarus, found: set[bytes]) -> None:
        printed = hello.output().encode()
        link = {token for token in SHAPES.findall(printed) if token.startswith(b"hlk_")}
        assert len(link) == 1
        assert not self.places_with(found, printed, known=link)

    def test_every_answer_of_the_api(self, hello: Homarus, found: set[bytes]) -> None:
        with hello.api() as api:
            paths = api.get("/v1/openapi.json")["paths"]
            names = {
                "bot": "hello",
                "provider": "marked",
                "name": "MARKED_SECRET",
                "call": next(iter(api.pages("/v1/calls", most=1)))["id"],
                "turn": next(iter(api.pages("/v1/bots/hello/turns", most=1)))["id"],
                "operation_id": next(iter(api.pages("/v1/operations", most=1)))["id"],
                "user_id": next(iter(api.pages("/v1/users", most=1)))["id"],
                "token_id": next(iter(api.pages("/v1/tokens", most=1)))["id"],
            }
            asked = 0
            for path, methods in paths.items():
                if "get" not in methods or path in ("/v1/events", "/v1/audit/export"):
                    continue
                answer = api.get(path.format(**names)) if "stream" not in path else {}
                held = self.places_with(found, json.dumps(answer).encode(), known=set())
                assert not held, f"{path}: {held}"
                asked += 1
            assert asked > 20
            exported = "\n".join(api.lines("/v1/audit/export")).encode()
            assert not self.places_with(found, exported, known=set())


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def test_the_second_start_finds_its_bot(hello: Homarus) -> None:
    assert hello.down() == 0
    assert hello.supervisors() == []
    hello.up("--isolation", "sandbox")
    said = hello.output()
    assert "hello: " in said
    assert "login link" not in said
    assert re.search(r"OpenClaw: install +0\.\d s", said)
    assert len(hello.json("bot", "list")) == 1
