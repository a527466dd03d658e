"""The demo model as a bare ASGI application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from homarus.demo import mind, wire

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_LARGEST = 32 << 20


class DemoModel:
    """Serves ``/v1/chat/completions``, ``/v1/messages`` and ``/v1/models``.

    ``faults``: obey ``demo:fault ...`` in a user message (status NNN, stall, reset, midstream,
    garbage); without it such words are only words. ``key``: refuse every other credential.
    """

    def __init__(self, *, faults: bool = False, key: str = "") -> None:
        self._faults = faults
        self._key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == "/healthz":
            await _answer(send, 200, {"status": "ok"})
        elif not self._known(scope["headers"]):
            await _answer(send, 401, {"error": {"message": "wrong key", "type": "auth"}})
        elif path == "/v1/models" and scope["method"] == "GET":
            row = {"id": wire.MODEL, "object": "model", "created": 0, "owned_by": "homarus-demo"}
            await _answer(send, 200, {"object": "list", "data": [row]})
        elif path in ("/v1/chat/completions", "/v1/messages") and scope["method"] == "POST":
            await self._call(path == "/v1/messages", await _body(receive), send)
        else:
            await _answer(send, 404, {"error": {"message": "no such path", "type": "not_found"}})

    def _known(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        offered = {
            name: value for name, value in headers if name in (b"authorization", b"x-api-key")
        }
        return not self._key or self._key in (
            offered.get(b"x-api-key"),
            offered.get(b"authorization", b"").removeprefix(b"Bearer "),
        )

    async def _call(self, anthropic: bool, raw: bytes, send: Send) -> None:
        try:
            body = json.loads(raw)
            messages = mind.read_messages(body)
            tools = mind.read_tools(body)
        except (ValueError, AttributeError, TypeError):
            await _answer(send, 400, {"error": {"message": "not a request", "type": "invalid"}})
            return
        fault = mind.fault(messages) if self._faults else None
        reply = mind.reply(messages, tools, len(raw))
        if fault is not None and fault.kind != "midstream":
            await _misbehave(fault, send)
        elif not body.get("stream"):
            plain = wire.anthropic_plain(reply) if anthropic else wire.openai_plain(reply)
            await _answer(send, 200, plain)
        else:
            usage = bool((body.get("stream_options") or {}).get("include_usage"))
            events = (
                wire.anthropic_stream(reply)
                if anthropic
                else wire.openai_stream(reply, usage=usage)
            )
            await _stream(send, events, cut_after=2 if fault else 0)


async def _body(receive: Receive) -> bytes:
    parts = []
    size = 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > _LARGEST or not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, status: int, document: Any, extra: int = 0) -> None:
    body = json.dumps(document, separators=(",", ":")).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % (len(body) + extra)),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": extra > 0})


async def _stream(send: Send, events: Iterable[bytes], *, cut_after: int) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number, event in enumerate(events):
        if cut_after and number == cut_after:
            return  # the server closes the connection in mid-answer
        await send({"type": "http.response.body", "body": event, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _misbehave(fault: mind.Fault, send: Send) -> None:
    if fault.kind == "status":
        error = {"error": {"message": "a fault that was asked for", "type": "demo_fault"}}
        await _answer(send, fault.status, error)
    elif fault.kind == "stall":
        await asyncio.sleep(3600)
    elif fault.kind == "reset":
        await _answer(send, 200, {}, extra=100)  # promises more than it sends
    else:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"9")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{]garbage", "more_body": False})
