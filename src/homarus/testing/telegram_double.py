"""Just enough of Telegram's bot API to see whether a bot listens, and to write to it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from aiohttp import web


class TelegramDouble:
    """Counts what the bot asks; `write` puts a person's message into its updates."""

    def __init__(self) -> None:
        self.url = ""
        self.polls = 0
        self.tokens: set[str] = set()
        self.sent: list[dict[str, Any]] = []
        self._updates: list[dict[str, Any]] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> TelegramDouble:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def write(self, text: str) -> None:
        """A person sends ``text`` to the bot."""
        number = len(self._updates) + 1
        person = {"id": 7, "is_bot": False, "first_name": "Ada"}
        message = {
            "message_id": number,
            "date": 1_700_000_000,
            "chat": {"id": 7, "type": "private", "first_name": "Ada"},
            "from": person,
            "text": text,
        }
        self._updates.append({"update_id": number, "message": message})

    async def _call(self, request: web.Request) -> web.Response:
        self.tokens.add(request.match_info["token"])
        given: dict[str, Any] = dict(request.query)
        if request.can_read_body:
            kind = request.content_type
            given |= await request.json() if kind == "application/json" else await request.post()
        result: Any = True
        match request.match_info["method"].lower():
            case "getme":
                result = {"id": 1, "is_bot": True, "first_name": "bot", "username": "tested_bot"}
            case "getupdates":
                self.polls += 1
                offset = int(given.get("offset") or 0)
                result = [one for one in self._updates if one["update_id"] >= offset]
                if not result:
                    await asyncio.sleep(0.3)
            case "sendmessage":
                self.sent.append(given)
                result = {"message_id": 1000, "date": 1_700_000_000, "chat": {"id": 7}}
            case "getwebhookinfo":
                result = {"url": ""}
        return web.json_response({"ok": True, "result": result})
