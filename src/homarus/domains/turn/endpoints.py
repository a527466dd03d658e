"""``/v1/bots/{bot}/turns``, ``/v1/turns`` and ``/v1/bots/{bot}/logs``."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse

from homarus.core.commands import FINAL, CommandState
from homarus.domains.bot.service import BotService
from homarus.domains.turn.schemas import LogView, TurnCreate, TurnView
from homarus.domains.turn.service import TurnService
from homarus.domains.turn.tables import CommandRow
from homarus.errors import Unavailable
from homarus.kit.signal import wait_at_most
from homarus.store.paging import fetch_page
from homarus.web.creation import Creating
from homarus.web.pages import PageArguments, PageView
from homarus.web.parts import Parts, parts, provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession

router = APIRouter(prefix="/v1", tags=["turn"])
Turns = Annotated[TurnService, provided(TurnService)]
Bots = Annotated[BotService, provided(BotService)]
KEEP_ALIVE = timedelta(seconds=15)
LOG_WITHIN = 12.0


@router.post("/bots/{bot}/turns", status_code=201)
async def create_turn(
    caller: Annotated[Principal, requires("bot:chat")],
    bot: str,
    body: TurnCreate,
    creation: Creating,
    turns: Turns,
) -> TurnView:
    """Send a message to a bot. The answer arrives on the turn's stream."""

    async def make(session: AsyncSession) -> CommandRow:
        return await turns.send(session, caller, bot, text=body.text, timeout_s=body.timeout_s)

    async def again(session: AsyncSession, turn_id: str) -> CommandRow:
        return await turns.get(session, caller, turn_id)

    return TurnView.of(await creation.once(caller, make, again))


@router.get("/bots/{bot}/turns")
async def list_turns(
    caller: Annotated[Principal, requires("bot:read")],
    bot: str,
    page: PageArguments,
    session: ReadSession,
    turns: Turns,
    bots: Bots,
) -> PageView[TurnView]:
    """The turns of a bot, newest first."""
    of_bot = await bots.get(session, caller, bot)
    chosen = turns.listing(caller, of_bot)
    found = await fetch_page(session, chosen, CommandRow.id, page, newest_first=True)
    return PageView(items=[TurnView.of(row) for row in found.items], next_cursor=found.cursor)


@router.get("/turns/{turn}")
async def get_turn(
    caller: Annotated[Principal, requires("bot:read")],
    turn: str,
    session: ReadSession,
    turns: Turns,
) -> TurnView:
    """A turn and, once it is done, its answer."""
    return TurnView.of(await turns.get(session, caller, turn))


@router.get("/turns/{turn}/stream", response_class=StreamingResponse)
async def stream_turn(
    request: Request,
    caller: Annotated[Principal, requires("bot:read")],
    turn: str,
    session: ReadSession,
    turns: Turns,
    offset: Annotated[int, Query(ge=0, description="characters already read")] = 0,
) -> StreamingResponse:
    """The answer as it is written (server-sent events ``delta``), then the turn (``end``)."""
    await turns.get(session, caller, turn)
    events = _follow(request, parts(request), turns, caller, turn, offset)
    return StreamingResponse(events, media_type="text/event-stream")


async def _follow(
    request: Request, ours: Parts, turns: TurnService, caller: Principal, turn_id: str, offset: int
) -> AsyncIterator[str]:
    """Yield what is new of an answer until its turn has ended; a dropped reader just resumes."""
    while not await request.is_disconnected():
        ticket = turns.answers.signal(turn_id).ticket()
        async with ours.store.read() as session:
            row = await turns.get(session, caller, turn_id)
        done = row.state == CommandState.DONE
        text = row.text if done else turns.answers.text(turn_id)
        if len(text) > offset:
            yield _event("delta", {"offset": offset, "text": text[offset:]})
            offset = len(text)
        if row.state in FINAL:
            # Who reads an ended turn leaves nothing in memory to wait on.
            turns.answers.end(turn_id)
            yield _event("end", TurnView.of(row).model_dump(mode="json"))
            return
        if not await wait_at_most(ticket, ours.clock, KEEP_ALIVE):
            yield ": still here\n\n"


def _event(kind: str, data: object) -> str:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"


@router.get("/bots/{bot}/logs")
async def read_logs(
    request: Request,
    caller: Annotated[Principal, requires("bot:read")],
    bot: str,
    turns: Turns,
    bots: Bots,
    cursor: Annotated[
        str, Query(max_length=200, description="cursor of the last piece; 0: from the beginning")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=262_144, description="most bytes")] = 65_536,
) -> LogView:
    """A piece of the bot's own log, asked from its supervisor; from the tail without a cursor."""
    ours = parts(request)
    async with ours.store.begin() as session:
        of_bot = await bots.get(session, caller, bot)
        asked = await turns.ask_logs(session, caller, of_bot, cursor=cursor, limit=limit)
        ticket = turns.answers.signal(asked.id).ticket()
    answered = await wait_at_most(ticket, ours.clock, timedelta(seconds=LOG_WITHIN))
    async with ours.store.begin() as session:
        ended = await turns.finished(session, asked.id)
        await turns.forget(session, asked.id)
    if ended is None or not answered:
        raise Unavailable(f"The supervisor of {bot} did not answer in time.", hint="Try again.")
    if ended.state != CommandState.DONE:
        raise Unavailable(f"The log of {bot} cannot be read: {ended.text}")
    piece = json.loads(ended.text)
    return LogView(text=piece["text"], cursor=str(piece["cursor"]))
