"""A client of OpenClaw's gateway WebSocket, protocol 4: only what turns and pausing need."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from homarus.errors import Unavailable

log = logging.getLogger(__name__)
_PROTOCOL = 4
_SCOPES = ["operator.admin", "operator.read", "operator.write"]
_FRAME_LIMIT = 32 << 20
_EVENTS_KEPT = 4096


class Refused(Unavailable):
    """The gateway answered a request with an error; ``kind`` is its code."""

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class Gateway:
    """One connection. It ends when the gateway ends; make a new one then."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._listeners: dict[str, asyncio.Queue[dict[str, Any] | None]] = {}
        self._count = 0
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, port: int, token: str) -> Gateway:
        """Connect and be welcomed.

        Raises:
            Unavailable: not listening, still starting, or it does not accept us.
        """
        try:
            async with asyncio.timeout(15):
                socket = await connect(
                    f"ws://127.0.0.1:{port}/",
                    compression=None,
                    max_size=_FRAME_LIMIT,
                    proxy=None,
                )
                gateway = cls(socket)
                try:
                    await gateway.call("connect", _hello(token))
                except BaseException:
                    await gateway.close()
                    raise
                return gateway
        except (OSError, WebSocketException, TimeoutError) as fault:
            raise Unavailable(f"OpenClaw's gateway does not answer ({fault}).") from fault

    @property
    def closed(self) -> bool:
        return self._reader.done()

    async def close(self) -> None:
        """Leave; safe twice."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        with contextlib.suppress(WebSocketException, OSError):
            await self._socket.close()

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        traceparent: str = "",
        timeout_s: float = 30.0,
    ) -> dict[str, Any]:
        """Ask and return the payload.

        Raises:
            Refused: the gateway said no.
            Unavailable: it went away, or did not answer in time.
        """
        self._count += 1
        re = str(self._count)
        frame: dict[str, Any] = {"type": "req", "id": re, "method": method, "params": params or {}}
        if traceparent:
            frame["traceparent"] = traceparent
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[re] = future
        try:
            await self._socket.send(json.dumps(frame))
            answer = await asyncio.wait_for(future, timeout_s)
        except (WebSocketException, TimeoutError) as fault:
            raise Unavailable(f"OpenClaw did not answer {method}.") from fault
        finally:
            self._answers.pop(re, None)
        if not answer.get("ok"):
            error = answer.get("error") or {}
            raise Refused(
                f"OpenClaw refused {method}: {error.get('message', 'no reason given')}",
                kind=str(error.get("code", "")),
            )
        payload: dict[str, Any] = answer.get("payload") or {}
        return payload

    @contextlib.asynccontextmanager
    async def events(self, run_id: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The ``chat`` events of one run, from before it is asked for; ends with the connection.

        Giving up waiting for one loses none: the iterator goes on where it was.
        """
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(_EVENTS_KEPT)
        self._listeners[run_id] = queue
        try:
            yield _Events(queue)
        finally:
            self._listeners.pop(run_id, None)

    async def _read(self) -> None:
        try:
            async for raw in self._socket:
                self._dispatch(json.loads(raw))
        except WebSocketException as fault:
            log.info("OpenClaw's gateway closed: %s", fault)
        finally:
            for future in self._answers.values():
                if not future.done():
                    future.set_exception(Unavailable("OpenClaw's gateway closed."))
            for queue in self._listeners.values():
                with contextlib.suppress(asyncio.QueueFull):
                    queue.put_nowait(None)

    def _dispatch(self, frame: dict[str, Any]) -> None:
        if frame.get("type") == "res":
            future = self._answers.get(str(frame.get("id")))
            if future is not None and not future.done():
                future.set_result(frame)
        elif frame.get("event") == "chat":
            payload = frame.get("payload") or {}
            queue = self._listeners.get(str(payload.get("runId")))
            if queue is not None:
                # A full queue loses deltas only: the final carries the whole text.
                while queue.full():
                    queue.get_nowait()
                queue.put_nowait(payload)


class _Events:
    """No generator: a cancelled wait would be the end of one."""

    def __init__(self, queue: asyncio.Queue[dict[str, Any] | None]) -> None:
        self._queue = queue

    def __aiter__(self) -> _Events:
        return self

    async def __anext__(self) -> dict[str, Any]:
        event = await self._queue.get()
        if event is None:
            raise StopAsyncIteration
        return event


def _hello(token: str) -> dict[str, Any]:
    return {
        "minProtocol": _PROTOCOL,
        "maxProtocol": _PROTOCOL,
        "client": {
            "id": "gateway-client",
            "version": "1",
            "platform": "linux",
            "mode": "backend",
            "displayName": "homarus",
            "instanceId": str(uuid4()),
        },
        "role": "operator",
        "scopes": _SCOPES,
        "caps": [],
        "auth": {"token": token},
        "locale": "en-US",
        "userAgent": "homarus",
    }
