"""A model server for tests of runtimes: answers every chat call, remembers its headers."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from typing import Any

from aiohttp import web


class ModelDouble:
    """``async with ModelDouble() as model``: an OpenAI-style server on a free loopback port."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[dict[str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self.answer = "lobsters wave"
        self._tools: dict[str, tuple[str, dict[str, Any]]] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> ModelDouble:
        app = web.Application(client_max_size=32 << 20)
        app.router.add_post("/v1/chat/completions", self._chat)
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def use_tool(self, when: str, name: str, arguments: dict[str, Any]) -> None:
        """Answer the first call whose messages hold ``when`` by one use of a tool."""
        self._tools[when] = (name, arguments)

    def _chosen(self, body: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
        words = json.dumps(body["messages"])
        when = next((one for one in self._tools if one in words), None)
        return None if when is None else self._tools.pop(when)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.calls.append({name.lower(): value for name, value in request.headers.items()})
        self.bodies.append(body)
        usage = {"prompt_tokens": 120, "completion_tokens": 7, "total_tokens": 127}
        if not body.get("stream"):
            message = {"role": "assistant", "content": self.answer}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return web.json_response({"id": "c", "choices": [choice], "usage": usage})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        tool = self._chosen(body)
        pieces: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        if tool is None:
            pieces += [{"content": word + " "} for word in self.answer.split()]
        else:
            call = {"name": tool[0], "arguments": json.dumps(tool[1])}
            pieces += [
                {"tool_calls": [{"index": 0, "id": "u", "type": "function", "function": call}]}
            ]
        base = {"id": "c", "object": "chat.completion.chunk", "model": body["model"]}
        for piece in pieces:
            choice = {"index": 0, "delta": piece, "finish_reason": None}
            await self._event(response, {**base, "choices": [choice]})
        reason = "stop" if tool is None else "tool_calls"
        ended = {"index": 0, "delta": {}, "finish_reason": reason}
        await self._event(response, {**base, "choices": [ended]})
        await self._event(response, {**base, "choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        return response

    @staticmethod
    async def _event(response: web.StreamResponse, document: dict[str, Any]) -> None:
        await response.write(f"data: {json.dumps(document)}\n\n".encode())
