"""Model servers of this machine, found by what they answer, and keys tried before they are kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.test_provider_cli import Owner
from tests.integration.api.test_provider_cli import owner as owner

from homarus.core.scopes import Role
from homarus.domains.provider.discovery import USUAL_PLACES, Discovery, Place, ServerKind
from homarus.testing.api import Installation
from homarus.testing.gateway_rig import demo_model
from homarus.testing.serving import serving


class Double:
    """A server that answers as it is told to, and remembers what it was asked."""

    def __init__(self, pages: dict[str, Any], *, headers: tuple[tuple[bytes, bytes], ...] = ()):
        self.pages = pages
        self.headers = headers
        self.asked: list[tuple[str, dict[bytes, bytes]]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        self.asked.append((path, dict(scope["headers"])))
        page = self.pages.get(path)
        if page is None and "hang" in self.pages:
            await asyncio.Event().wait()
        status = 404 if page is None else 302 if self.headers else 200
        await send({"type": "http.response.start", "status": status, "headers": self.headers})
        body = page.encode() if isinstance(page, str) else json.dumps(page).encode()
        await send({"type": "http.response.body", "body": body})


def ollama(*models: str) -> Double:
    tags = {"models": [{"name": model, "size": 1} for model in models]}
    return Double({"/api/version": {"version": "0.9.0"}, "/api/tags": tags})


def openai(owner: str, *models: str) -> Double:
    rows = [{"id": model, "object": "model", "owned_by": owner} for model in models]
    return Double({"/v1/models": {"object": "list", "data": rows}})


KIND = {
    ServerKind.OLLAMA: lambda: ollama("llama3:8b", "qwen3:4b"),
    ServerKind.LM_STUDIO: lambda: openai("organization_owner", "qwen/qwen3-4b"),
    ServerKind.VLLM: lambda: openai("vllm", "meta/llama"),
    ServerKind.LLAMA_CPP: lambda: openai("llamacpp", "gemma.gguf"),
}


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def usual(stack: AsyncExitStack) -> tuple[Place, ...]:
    """An Ollama and a vLLM, where they are looked for."""
    kinds = (ServerKind.OLLAMA, ServerKind.VLLM)
    return tuple(
        [Place(kind, await stack.enter_async_context(serving(KIND[kind]()))) for kind in kinds]
    )


async def look(stack: AsyncExitStack, *places: tuple[ServerKind, Double]) -> list[ServerKind]:
    asked = [
        Place(kind, await stack.enter_async_context(serving(double))) for kind, double in places
    ]
    return [found.kind for found in await Discovery(asked, ours=()).look()]


async def test_each_kind_is_known_by_what_only_it_answers(stack: AsyncExitStack) -> None:
    assert await look(stack, *((kind, make()) for kind, make in KIND.items())) == list(ServerKind)
    for kind in ServerKind:
        others = [(kind, make()) for other, make in KIND.items() if other is not kind]
        assert await look(stack, *others) == []


@pytest.mark.parametrize(
    "double",
    [
        Double({}),
        Double({"/v1/models": "no json", "/api/version": "no json"}),
        Double({"/v1/models": [], "/api/version": []}),
        Double({"/v1/models": {"data": {"id": 1}}, "/api/version": {"version": 1}}),
        Double({"/v1/models": {"data": ["x", {"owned_by": ["vllm"]}]}}),
        Double({"/v1/models": {"data": []}}, headers=((b"location", b"http://127.0.0.1:9/"),)),
        Double({"hang": True}),
    ],
)
async def test_whatever_else_listens_there_is_nobody(stack: AsyncExitStack, double: Double) -> None:
    port = await stack.enter_async_context(serving(double))
    places = [Place(kind, port) for kind in ServerKind]
    # One that never answers is given up; all others answer long before.
    within = timedelta(seconds=0.3 if "hang" in double.pages else 60)
    assert await Discovery(places, ours=(), within=within).look() == []


async def test_our_own_ports_are_never_asked(stack: AsyncExitStack) -> None:
    double = ollama("llama3")
    port = await stack.enter_async_context(serving(double))
    place = Place(ServerKind.OLLAMA, port)
    assert await Discovery([place], ours=[port]).look() == []
    assert double.asked == []
    assert len(await Discovery([place], ours=[port + 1]).look()) == 1
    assert all(b"authorization" not in headers for _, headers in double.asked)


def test_the_usual_places_are_those_of_their_documentation() -> None:
    ports = {place.kind.value: place.port for place in USUAL_PLACES}
    assert ports == {"ollama": 11434, "lm-studio": 1234, "vllm": 8000, "llama-cpp": 8080}


async def test_what_is_found_can_be_added_as_it_is_shown(
    owner: Owner, usual: tuple[Place, ...]
) -> None:
    [first, second] = (await owner("provider", "discover", "--json")).json
    url = f"http://127.0.0.1:{usual[0].port}/v1"
    assert first == {
        "kind": "ollama",
        "name": "Ollama",
        "type": "openai",
        "base_url": url,
        "models": ["llama3:8b", "qwen3:4b"],
    }
    assert (second["kind"], second["models"]) == ("vllm", ["meta/llama"])
    told = (await owner("provider", "discover")).out.splitlines()[-1]
    assert told.startswith("Use it: homarus provider add openai --name ollama --no-key")
    vllm = ("--name", "vllm", "--no-key", "--base-url", second["base_url"])
    added = await owner("provider", "add", "openai", *vllm)
    assert "answers without a key" in added.out
    assert not (await owner("provider", "get", "vllm", "--json")).json["has_key"]


async def test_a_key_is_tried_without_a_trace(
    whole: Installation, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with demo_model(key="sk-marked") as url, whole.client(whole.owner_token) as owner:
        for key, ok in (("sk-marked", True), ("sk-marked-not", False)):
            body = {"type": "openai", "base_url": url, "key": key}
            verdict = await owner.post("/v1/providers/test", json=body)
            assert verdict.json()["ok"] is ok
            assert "sk-marked" not in verdict.text
        assert (await owner.get("/v1/providers")).json()["items"] == []
        while await whole.foundation.sequencer.turn():
            pass
        audit = await owner.get("/v1/audit", params={"limit": 500})
        assert not [e for e in audit.json()["items"] if e["action"].startswith("provider")]
        assert "sk-marked" not in audit.text
        # What could not be added is not asked either: this is no way to look around.
        for wrong in ("http://10.0.0.1/v1", "ftp://x", "https://u:p@host", "file:///etc/passwd"):
            body = {"type": "openai", "base_url": wrong, "key": "sk-marked"}
            refused = await owner.post("/v1/providers/test", json=body)
            assert refused.status_code == 422
            assert "sk-marked" not in refused.text
        assert (await owner.post("/v1/providers/test", json={"type": "demo"})).status_code == 422
    assert "sk-marked" not in caplog.text
    _, token = await whole.add_user("vic", Role.OPERATOR)
    async with whole.client(token) as operator:
        for path in ("/v1/providers/test", "/v1/providers/discover"):
            assert (await operator.post(path, json={"type": "demo"})).status_code == 403
