"""Around every request: its id, the boundary that catches bugs, and who may call from where."""

from __future__ import annotations

import re
import secrets

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from homarus.errors import Forbidden, HomarusError, Internal
from homarus.web.parts import Access
from homarus.web.problems import render

_GIVEN_ID = re.compile(rb"^[A-Za-z0-9._-]{8,64}$")
MAX_BODY = 4 << 20
_log = structlog.get_logger(__name__)


class RequestBoundary:
    """Gives every request an id (``X-Request-Id``) and turns a bug into a plain 500.

    The outermost of our layers: one of the four places where everything is caught.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = _header(scope, b"x-request-id")
        request_id = given.decode() if _GIVEN_ID.match(given) else secrets.token_hex(8)
        scope["homarus.request_id"] = request_id
        begun = False

        async def send_with_id(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
            await send(message)

        try:
            await self._app(scope, _capped(receive), send_with_id)
        except HomarusError as fault:
            if begun:
                raise
            await render(fault, request_id)(scope, receive, send_with_id)
        except Exception:
            _log.exception("request.bug", request_id=request_id, path=scope["path"])
            if begun:
                raise
            bug = Internal("A fault inside Homarus.", hint=f"See the log for {request_id}.")
            await render(bug, request_id)(scope, receive, send_with_id)


class AddressGuard:
    """Refuses hosts and origins that are not ours: DNS rebinding and foreign pages end here."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not self._allowed(scope):
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 4403})
                return
            raise Forbidden(
                "This address or this page may not call Homarus.",
                hint="Use the address that `homarus up` printed.",
            )
        await self._app(scope, receive, send)

    def _allowed(self, scope: Scope) -> bool:
        origin = _header(scope, b"origin").decode("latin-1")
        host = _header(scope, b"host").decode("latin-1").lower()
        return host in self._access.hosts and (not origin or origin in self._access.origins)


def _header(scope: Scope, name: bytes) -> bytes:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


def _capped(receive: Receive) -> Receive:
    size = 0

    async def receive_at_most() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            # The framework's own class: it passes any other off as a body that cannot be parsed.
            raise HTTPException(413, f"The body is larger than {MAX_BODY >> 20} MB.")
        return message

    return receive_at_most
