"""``/v1/bots/{bot}/placement``; and, for supervisors alone, ``/enrol`` and ``/supervisor``."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Request, WebSocket
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect

from homarus.domains.bot.service import BotService
from homarus.domains.placement import repository
from homarus.domains.placement.hub import SessionHub
from homarus.domains.placement.schemas import PlacementView
from homarus.domains.placement.service import SESSION_PATH, PlacementService
from homarus.domains.placement.session import ChannelClosed, SupervisorSession
from homarus.errors import Invalid, NotFound
from homarus.protocol.identity import Enrol
from homarus.web.parts import parts, provided
from homarus.web.principal import Principal, open_to_all, requires
from homarus.web.transactions import ReadSession

router = APIRouter(tags=["placement"])
Bots = Annotated[BotService, provided(BotService)]
Placements = Annotated[PlacementService, provided(PlacementService)]
Hub = Annotated[SessionHub, provided(SessionHub)]


@router.get("/v1/bots/{bot}/placement")
async def get_placement(
    caller: Annotated[Principal, requires("bot:read")],
    bot: str,
    session: ReadSession,
    bots: Bots,
    hub: Hub,
) -> PlacementView:
    """Where a bot's newest placement stands, in its supervisor's own words."""
    found = await bots.get(session, caller, bot)
    generation = await repository.newest_generation(session, found.id)
    row = await repository.get(session, found.id, generation)
    if row is None:
        raise NotFound(f"Bot {found.name} was never placed.", hint=found.reason)
    return PlacementView.of(row, hub.report(found.id), connected=hub.connected(found.id))


@router.post("/enrol", dependencies=[open_to_all], include_in_schema=False)
async def enrol(request: Request, placements: Placements) -> Response:
    """Register a supervisor's key. The token in the body is the credential."""
    try:
        asked = msgspec.json.decode(await request.body(), type=Enrol)
    except msgspec.MsgspecError as fault:
        raise Invalid(f"The enrolment cannot be read: {fault}") from fault
    enrolled = await placements.enrol(asked)
    return Response(msgspec.json.encode(enrolled), media_type="application/json")


@router.websocket(SESSION_PATH)
async def supervisor_session(socket: WebSocket, placements: Placements, hub: Hub) -> None:
    """A supervisor's session; it proves itself inside, by signing our challenge."""
    await socket.accept()
    session = SupervisorSession(_SocketChannel(socket), placements, hub, parts(socket).clock)
    await session.run()


class _SocketChannel:
    """A Starlette WebSocket as a `homarus.domains.placement.session.Channel`."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def send(self, frame: bytes) -> None:
        try:
            await self._socket.send_bytes(frame)
        except (WebSocketDisconnect, RuntimeError) as gone:
            raise ChannelClosed from gone

    async def receive(self) -> bytes:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise ChannelClosed
        text = message.get("text")
        return text.encode() if text is not None else message["bytes"] or b""

    async def close(self, code: int, reason: str) -> None:
        try:
            await self._socket.close(code, reason)
        except RuntimeError as gone:
            raise ChannelClosed from gone
