"""A stand-in for OpenClaw's gateway: its WebSocket protocol 4 as far as our host speaks it.

Scriptable: ``token`` is the only one accepted, ``starting`` makes it refuse connections as a
gateway that still starts, ``crash`` cuts the connection in mid-answer and still finishes,
``stuck`` makes runs go on until they are aborted, and a while longer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from aiohttp import WSMsgType, web

_ROLE_AND_MODE = ("gateway-client", "backend")
_USAGE = {"input": 12, "output": 3, "cacheRead": 0, "cacheWrite": 0}


class FakeOpenClaw:
    """``async with FakeOpenClaw() as claw``: listens on a free loopback port."""

    def __init__(self) -> None:
        self.token = "fake"  # noqa: S105 - only this one is accepted
        self.port = 0
        self.starting = False
        self.crash = False
        self.stuck = False
        self.active: list[str] = []
        self.answer = "lobsters wave"
        self.runs: dict[str, str] = {}
        self.stopped: list[str] = []
        self.traceparents: list[str] = []
        self.channels: dict[str, Any] = {"telegram": {"running": True, "configured": True}}
        self.skills: list[Any] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> FakeOpenClaw:
        app = web.Application()
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/", self._serve)
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _ready(self, request: web.Request) -> web.Response:
        return web.json_response({"ready": not self.starting}, status=503 if self.starting else 200)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await self._event(socket, "connect.challenge", {"nonce": "n", "ts": 1})
        connected = False
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            if not connected:
                connected = await self._connect(socket, frame)
                if not connected:
                    return socket
                continue
            await self._request(socket, frame)
        return socket

    async def _connect(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> bool:
        params = frame.get("params", {})
        client = params.get("client", {})
        if frame.get("method") != "connect" or self.starting:
            await self._refuse(socket, frame, "UNAVAILABLE", "startup-sidecars")
        elif (client.get("id"), client.get("mode")) != _ROLE_AND_MODE:
            await self._refuse(socket, frame, "INVALID_REQUEST", "invalid connect params")
        elif params.get("auth", {}).get("token") != self.token:
            await self._refuse(socket, frame, "INVALID_REQUEST", "token mismatch")
        else:
            await self._answer(socket, frame, {"type": "hello-ok", "protocol": 4})
            return True
        await socket.close(code=1008)
        return False

    async def _request(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        params = frame.get("params", {})
        simple: dict[str, Callable[[], dict[str, Any]]] = {
            "channels.status": lambda: {"channels": self.channels},
            "skills.status": lambda: {"skills": self.skills},
            "channels.stop": lambda: self._stop(params["channel"]),
            "set-heartbeats": lambda: {"ok": True},
            "secrets.reload": lambda: {"ok": True, "warningCount": 0},
            "sessions.list": lambda: {"sessions": [{"key": "agent:main:main"}]},
            "chat.history": lambda: {"messages": self._messages()},
            "agent.wait": lambda: self._wait(params["runId"]),
        }
        if frame["method"] in simple:
            await self._answer(socket, frame, simple[frame["method"]]())
        elif frame["method"] == "chat.send":
            await self._turn(socket, frame)
        elif frame["method"] == "chat.abort":
            await self._abort(socket, frame)
        else:
            await self._refuse(socket, frame, "INVALID_REQUEST", "unknown method")

    def _stop(self, channel: str) -> dict[str, Any]:
        self.stopped.append(channel)
        return {"stopped": True}

    def _messages(self) -> list[dict[str, Any]]:
        return [
            {
                "role": "assistant",
                "content": [{"type": "text", "text": text}],
                "usage": _USAGE,
                "stopReason": "stop",
                "__openclaw": {"runId": run},
            }
            for run, text in self.runs.items()
        ]

    def _wait(self, run: str) -> dict[str, Any]:
        if run not in self.runs:
            return {"status": "timeout"}
        return {"status": "ok", "terminalReply": {"text": self.runs[run]}}

    async def _turn(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        run = frame["params"]["idempotencyKey"]
        self.traceparents.append(frame.get("traceparent", ""))
        if run in self.runs:
            await self._answer(socket, frame, {"runId": run, "status": "ok"})
            return
        await self._answer(socket, frame, {"runId": run, "status": "started"})
        await self._event(socket, "chat", {"runId": run, "state": "status"})
        if self.stuck:
            self.active.append(run)
            return
        self.runs[run] = self.answer
        first, _, rest = self.answer.partition(" ")
        whole = ""
        for piece in (first, f" {rest}"):
            whole += piece
            message = {"role": "assistant", "content": [{"type": "text", "text": whole}]}
            delta = {"runId": run, "state": "delta", "deltaText": piece, "message": message}
            await self._event(socket, "chat", delta)
            await asyncio.sleep(0)
            if self.crash:
                await socket.close(code=1012)
                return
        message = {"role": "assistant", "content": [{"type": "text", "text": self.answer}]}
        await self._event(socket, "chat", {"runId": run, "state": "final", "message": message})

    async def _abort(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        run = frame["params"]["runId"]
        runs = [run] if run in self.active else []
        await self._answer(socket, frame, {"ok": True, "aborted": bool(runs), "runIds": runs})
        if runs:
            await asyncio.sleep(0.05)
            self.active.remove(run)
            await self._event(socket, "chat", {"runId": run, "state": "aborted"})

    @staticmethod
    async def _event(socket: web.WebSocketResponse, name: str, payload: dict[str, Any]) -> None:
        await socket.send_json({"type": "event", "event": name, "payload": payload})

    @staticmethod
    async def _answer(
        socket: web.WebSocketResponse, frame: dict[str, Any], payload: dict[str, Any]
    ) -> None:
        await socket.send_json({"type": "res", "id": frame["id"], "ok": True, "payload": payload})

    @staticmethod
    async def _refuse(
        socket: web.WebSocketResponse, frame: dict[str, Any], code: str, message: str
    ) -> None:
        error = {"code": code, "message": message}
        await socket.send_json({"type": "res", "id": frame["id"], "ok": False, "error": error})
