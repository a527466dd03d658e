"""``/v1/calls``, ``/v1/workers``, and where gateways enrol and connect."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, WebSocket
from pydantic import AwareDatetime
from starlette.websockets import WebSocketDisconnect

from homarus.domains.call.hub import GatewayHub
from homarus.domains.call.schemas import (
    BotTotal,
    CallState,
    CallView,
    DayTotal,
    GatewayEnrol,
    GatewayEnrolled,
    ReleasedView,
    TotalsView,
    TrendView,
    WorkerView,
)
from homarus.domains.call.service import CallService, CallsWanted, GatewayService
from homarus.domains.call.session import ChannelClosed, GatewaySession
from homarus.kit.money import to_usd
from homarus.protocol.identity import Enrol
from homarus.web.pages import PageArguments, PageView
from homarus.web.parts import parts, provided
from homarus.web.principal import Principal, open_to_all, requires
from homarus.web.transactions import ReadSession, WriteSession

SESSION_PATH = "/v1/gateways/session"
router = APIRouter(prefix="/v1", tags=["call"])
Calls = Annotated[CallService, provided(CallService)]
Gateways = Annotated[GatewayService, provided(GatewayService)]
Hub = Annotated[GatewayHub, provided(GatewayHub)]
Reader = Annotated[Principal, requires("call:read")]


def _wanted(
    bot: Annotated[str, Query(max_length=60, description="id of the bot")] = "",
    trace: Annotated[str, Query(max_length=32, description="trace id")] = "",
    state: CallState | None = None,
    route: Annotated[str, Query(max_length=200, description="the name the bot asked for")] = "",
    model: Annotated[str, Query(max_length=200, description="the provider's own name")] = "",
    since: Annotated[AwareDatetime | None, Query(description="begun then or later")] = None,
) -> CallsWanted:
    return CallsWanted(bot, trace, state or "", route, model, since)


@router.get("/calls")
async def list_calls(
    caller: Reader,
    session: ReadSession,
    ask: PageArguments,
    calls: Calls,
    wanted: Annotated[CallsWanted, Depends(_wanted)],
) -> PageView[CallView]:
    """Model calls, newest first."""
    page = await calls.list_calls(session, caller, wanted, ask)
    return PageView(items=[CallView.of(row) for row in page.items], next_cursor=page.cursor)


@router.get("/calls/trend")
async def get_trend(
    caller: Reader,
    session: ReadSession,
    calls: Calls,
    days: Annotated[int, Query(ge=1, le=90, description="today and so many days before")] = 30,
) -> TrendView:
    """What was used and spent, day by day."""
    found = await calls.trend(session, caller, days=days)
    return TrendView(days=[DayTotal.of(day, sums) for day, sums in found])


@router.get("/calls/totals")
async def get_totals(
    caller: Reader,
    session: ReadSession,
    calls: Calls,
    days: Annotated[int, Query(ge=1, le=366, description="today and so many days before")] = 30,
) -> TotalsView:
    """What was used and spent, by bot."""
    bots = [
        BotTotal(
            bot_id=bot,
            calls=count,
            unpriced_calls=unpriced,
            input_tokens=input_,
            output_tokens=output,
            cost_usd=to_usd(cost),
        )
        for bot, count, unpriced, input_, output, cost in await calls.totals(
            session, caller, days=days
        )
    ]
    return TotalsView(days=days, bots=bots, cost_usd=sum((b.cost_usd for b in bots), to_usd(0)))


@router.get("/calls/{call}")
async def get_call(caller: Reader, call: str, session: ReadSession, calls: Calls) -> CallView:
    """One model call."""
    return CallView.of(await calls.get(session, caller, call))


@router.get("/workers/lost")
async def list_lost_workers(
    caller: Annotated[Principal, requires("workspace:write")], session: ReadSession, calls: Calls
) -> list[WorkerView]:
    """Workers whose machine went down; what they held stays set aside until it is released.

    A worker serves every workspace, so this and the release are for owners.
    """
    return [WorkerView.of(row) for row in await calls.lost_workers(session)]


@router.post("/workers/{worker}/release")
async def release_worker(
    caller: Annotated[Principal, requires("workspace:write")],
    worker: str,
    session: WriteSession,
    calls: Calls,
) -> ReleasedView:
    """Free what a lost worker held; a second time frees nothing."""
    freed = await calls.release(session, caller, worker)
    return ReleasedView(freed_usd=to_usd(freed))


@router.post("/gateways/enrol", dependencies=[open_to_all])
async def enrol_gateway(body: GatewayEnrol, gateways: Gateways) -> GatewayEnrolled:
    """Bind a gateway's key to the token that it was given."""
    subject = await gateways.enrol(Enrol(body.token, body.public_key, body.facts))
    return GatewayEnrolled(subject=subject, session_path=SESSION_PATH)


@router.websocket("/gateways/session")
async def gateway_session(socket: WebSocket, gateways: Gateways, hub: Hub) -> None:
    """A gateway's session: it proves itself by signing our challenge."""
    await socket.accept()
    await GatewaySession(_Socket(socket), gateways, hub, parts(socket).clock).run()


class _Socket:
    """A framework's WebSocket as the session's channel."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def send(self, frame: bytes) -> None:
        try:
            await self._socket.send_text(frame.decode())
        except (WebSocketDisconnect, RuntimeError) as gone:  # RuntimeError: closed by us before
            raise ChannelClosed from gone

    async def receive(self) -> bytes:
        try:
            return (await self._socket.receive_text()).encode()
        except (WebSocketDisconnect, RuntimeError, KeyError) as gone:  # KeyError: a binary frame
            raise ChannelClosed from gone

    async def close(self, code: int, reason: str) -> None:
        try:
            await self._socket.close(code, reason[:120])
        except (WebSocketDisconnect, RuntimeError):
            return  # it is closed, which was the aim
