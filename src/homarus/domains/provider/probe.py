"""Asking a provider whether it takes our key: one small request that costs nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp

from homarus.core.routes import ProviderType

_WAIT = aiohttp.ClientTimeout(total=15)
_LARGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """``ok``, or what is wrong in words and how to mend it."""

    ok: bool
    message: str
    hint: str = ""
    models: tuple[str, ...] = ()


class Probe(Protocol):
    """Asks a provider for its list of models."""

    async def __call__(self, *, type_: ProviderType, base_url: str, key: str) -> Verdict:
        """Never raises for what the provider does; every trouble is a verdict without the key."""
        ...


async def ask(*, type_: ProviderType, base_url: str, key: str) -> Verdict:
    """See `Probe`."""
    url = base_url.rstrip("/").removesuffix("/v1") + "/v1/models"
    headers = {"authorization": f"Bearer {key}"} if key else {}
    if type_ is ProviderType.ANTHROPIC:
        headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
    host = urlsplit(base_url).netloc
    try:
        async with (
            aiohttp.ClientSession(timeout=_WAIT) as client,
            client.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            raw = await answer.content.read(_LARGEST)
            status = answer.status
            document = json.loads(raw) if status == 200 else {}
    except (aiohttp.ClientError, TimeoutError, ValueError) as fault:
        words = f"{host} does not answer as expected ({type(fault).__name__})."
        return Verdict(False, words, "Check the base URL and the network.")
    if status in (401, 403):
        return Verdict(
            False,
            f"{host} refuses this key (HTTP {status}).",
            "Make a new key there, then: homarus provider set NAME --key-env VARIABLE",
        )
    if status != 200:
        hint = "Try again later." if status in (429, 500, 503, 529) else "Check the base URL."
        return Verdict(False, f"{host} answered HTTP {status}.", hint)
    rows = document.get("data") if isinstance(document, dict) else None
    names = tuple(str(row.get("id")) for row in rows or () if isinstance(row, dict))
    words = f"{host} takes this key." if key else f"{host} answers without a key."
    return Verdict(True, words, models=names)
