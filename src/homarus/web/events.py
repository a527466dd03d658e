"""``/v1/events``: a stream of what changed, which a client can leave and resume.

An event tells that something changed, not what it is now: clients ask again. Its id is the
sequencer's number, so that ``Last-Event-ID`` misses nothing and repeats nothing.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from homarus.errors import Invalid, Unauthenticated
from homarus.kit.signal import wait_at_most
from homarus.store.outbox import events_after, last_number
from homarus.store.tables import OutboxRow
from homarus.web.parts import Parts, parts
from homarus.web.principal import Principal, authenticate, requires

router = APIRouter(prefix="/v1", tags=["event"])
HEARTBEAT = timedelta(seconds=15)


@router.get("/events", response_class=StreamingResponse)
async def stream_events(
    caller: Annotated[Principal, requires("event:read")],
    request: Request,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> StreamingResponse:
    """Server-sent events of what the caller may see; without ``Last-Event-ID`` from now on."""
    if last_event_id and not last_event_id.isdecimal():
        raise Invalid("Last-Event-ID: not a number of ours.")
    ours = parts(request)
    if last_event_id:
        after = int(last_event_id)
    else:
        async with ours.store.read() as session:
            after = await last_number(session, caller.workspace_id)
    return StreamingResponse(_stream(request, ours, caller, after), media_type="text/event-stream")


async def _stream(
    request: Request, ours: Parts, caller: Principal, after: int
) -> AsyncIterator[bytes]:
    yield b": connected\n\n"
    known_since = ours.clock.monotonic()
    while True:
        ticket = ours.numbered.ticket()
        async with ours.store.read() as session:
            events = await events_after(session, caller.workspace_id, after)
        silent = not events and not await wait_at_most(ticket, ours.clock, HEARTBEAT)
        # By the clock, and before a batch: one who was logged out or lost a role is noticed
        # however many events go by.
        if ours.clock.monotonic() - known_since >= HEARTBEAT.total_seconds():
            try:
                caller = await authenticate(request)
            except Unauthenticated:
                return
            known_since = ours.clock.monotonic()
        if silent:
            yield b": still here\n\n"
        for event in events:
            after = event.number or after
            if _may_see(caller, event):
                yield _frame(event)


def _may_see(caller: Principal, event: OutboxRow) -> bool:
    noun = event.kind.partition(".")[0]
    return caller.may(f"{noun}:read", fleet=event.data.get("fleet"))


def _frame(event: OutboxRow) -> bytes:
    data = {"subject_id": event.subject_id, "at": event.at.isoformat(), **event.data}
    return f"id: {event.number}\nevent: {event.kind}\ndata: {json.dumps(data)}\n\n".encode()
