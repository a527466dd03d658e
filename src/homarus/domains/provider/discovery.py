"""Looking for model servers on this machine: each by a question that only its kind answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import aiohttp

_LARGEST = 1 << 20
_MOST_MODELS = 200


class ServerKind(StrEnum):
    """A program that serves models, all of them in OpenAI's format under ``/v1``."""

    OLLAMA = "ollama"
    LM_STUDIO = "lm-studio"
    VLLM = "vllm"
    LLAMA_CPP = "llama-cpp"


NAMES = {
    ServerKind.OLLAMA: "Ollama",
    ServerKind.LM_STUDIO: "LM Studio",
    ServerKind.VLLM: "vLLM",
    ServerKind.LLAMA_CPP: "llama.cpp",
}
_OWNERS = {
    ServerKind.LM_STUDIO: "organization_owner",
    ServerKind.VLLM: "vllm",
    ServerKind.LLAMA_CPP: "llamacpp",
}
"""What each says in ``owned_by`` of its models, which tells it from whatever else listens there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server of a kind listens unless it was told otherwise."""

    kind: ServerKind
    port: int


USUAL_PLACES = (
    Place(ServerKind.OLLAMA, 11434),
    Place(ServerKind.LM_STUDIO, 1234),
    Place(ServerKind.VLLM, 8000),
    Place(ServerKind.LLAMA_CPP, 8080),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A server that answered, and what it serves."""

    kind: ServerKind
    base_url: str
    models: tuple[str, ...]


class Discovery:
    """Asks the usual places of this machine's loopback, never any other address."""

    def __init__(
        self,
        places: Iterable[Place],
        *,
        ours: Iterable[int],
        within: timedelta = timedelta(seconds=2),
    ) -> None:
        """
        Args:
            ours: ports that Homarus itself listens on; nobody is asked there.
            within: how long one question may take.
        """
        own = frozenset(ours)
        self._wait = aiohttp.ClientTimeout(total=within.total_seconds())
        self._places = [place for place in places if place.port not in own]

    async def look(self) -> list[Found]:
        """Ask every place at once; return who answered as its kind does, in their order.

        Never raises for what listens there, and is done within seconds whatever does.
        """
        async with aiohttp.ClientSession(timeout=self._wait, trust_env=False) as client:
            answers = await asyncio.gather(*(_ask(client, place) for place in self._places))
        return [found for found in answers if found is not None]


async def _ask(client: aiohttp.ClientSession, place: Place) -> Found | None:
    root = f"http://127.0.0.1:{place.port}"
    if place.kind is ServerKind.OLLAMA:
        models = await _ollama(client, root)
    else:
        models = await _openai(client, root, _OWNERS[place.kind])
    return None if models is None else Found(place.kind, f"{root}/v1", tuple(models[:_MOST_MODELS]))


async def _ollama(client: aiohttp.ClientSession, root: str) -> list[str] | None:
    version = await _get(client, f"{root}/api/version")
    tags = await _get(client, f"{root}/api/tags") if "version" in version else {}
    return _names(tags["models"], "name") if isinstance(tags.get("models"), list) else None


async def _openai(client: aiohttp.ClientSession, root: str, owner: str) -> list[str] | None:
    rows = (await _get(client, f"{root}/v1/models")).get("data")
    if not isinstance(rows, list):
        return None
    ours = [row for row in rows if isinstance(row, dict) and row.get("owned_by") == owner]
    return _names(ours, "id") or None


def _names(rows: list[Any], key: str) -> list[str]:
    return [str(row[key])[:200] for row in rows if isinstance(row, dict) and row.get(key)]


async def _get(client: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    """The object that is served at ``url``; empty for anything else, and for nobody."""
    try:
        async with client.get(url, allow_redirects=False) as answer:
            if answer.status != 200:
                return {}
            raw = await answer.content.read(_LARGEST)
            while len(raw) < _LARGEST and (more := await answer.content.read(_LARGEST)):
                raw += more
        document = json.loads(raw)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
