"""``/v1/bots``, ``/v1/apply`` and ``/v1/kill``."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.bot_states import BotState
from homarus.core.specs import BotSpec, DesiredState, Name
from homarus.domains.bot import repository
from homarus.domains.bot.listing import BotListing, BotSort, Wanted
from homarus.domains.bot.schemas import (
    AppliedAll,
    AppliedView,
    Apply,
    BotChanging,
    BotDetail,
    BotEdit,
    BotsSummary,
    BotView,
    Killed,
    RevisionView,
)
from homarus.domains.bot.service import BotService
from homarus.domains.bot.tables import BotRow, RevisionRow
from homarus.store.paging import fetch_page
from homarus.web.creation import Creating
from homarus.web.pages import PageArguments, PageView
from homarus.web.parts import parts, provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession, WriteSession

router = APIRouter(prefix="/v1", tags=["bot"])
Bots = Annotated[BotService, provided(BotService)]
Listing = Annotated[BotListing, provided(BotListing)]
Reader = Annotated[Principal, requires("bot:read")]
Writer = Annotated[Principal, requires("bot:write")]
Killer = Annotated[Principal, requires("bot:kill")]


def _wanted(
    q: Annotated[
        str, Query(max_length=130, description="part of the name, or key=value of a label")
    ] = "",
    state: Annotated[list[BotState] | None, Query(description="only bots in these states")] = None,
    fleet: Annotated[Name | None, Query(description="only bots of this fleet")] = None,
    runtime: Annotated[Name | None, Query(description="only bots of this runtime")] = None,
    model: Annotated[
        str, Query(max_length=128, description="only bots that call this model name")
    ] = "",
    sort: Annotated[BotSort, Query(description="by what they are ordered")] = BotSort.CREATED,
    order: Annotated[Literal["asc", "desc"], Query(description="in which direction")] = "asc",
) -> Wanted:
    states = tuple(sorted(set(state or ())))
    return Wanted(q.strip(), states, fleet or "", runtime or "", model, sort, order == "desc")


@router.post("/bots", status_code=201)
async def create_bot(caller: Writer, body: BotSpec, creation: Creating, bots: Bots) -> BotChanging:
    """Make a bot. It is placed as soon as its target can; the operation follows it."""

    async def make(session: AsyncSession) -> BotChanging:
        bot, operation = await bots.create(session, caller, body)
        return BotChanging(id=bot.id, name=bot.name, operation_id=operation)

    async def again(session: AsyncSession, bot_id: str) -> BotChanging:
        bot = await bots.get(session, caller, bot_id)
        return BotChanging(id=bot.id, name=bot.name, operation_id=None)

    return await creation.once(caller, make, again)


@router.get("/bots")
async def list_bots(
    caller: Reader,
    page: PageArguments,
    session: ReadSession,
    listing: Listing,
    wanted: Annotated[Wanted, Depends(_wanted)],
) -> PageView[BotView]:
    """The bots that the caller may see, oldest first unless ``sort`` says otherwise."""
    found = await listing.page(session, caller, wanted, page)
    items = [BotView.of(bot, revision) for bot, revision in found.items]
    return PageView(items=items, next_cursor=found.cursor)


@router.get("/bots/summary")
async def summarise_bots(caller: Reader, session: ReadSession, listing: Listing) -> BotsSummary:
    """How the bots that the caller may see are: how many in each state, and who is unwell."""
    return BotsSummary.of(await listing.summary(session, caller))


@router.get("/bots/{bot}")
async def get_bot(caller: Reader, bot: str, session: ReadSession, bots: Bots) -> BotDetail:
    """One bot, by name or id, with its spec."""
    found = await bots.get(session, caller, bot)
    return BotDetail.of(found, await bots.revision(session, found))


@router.put("/bots/{bot}")
async def edit_bot(
    caller: Writer, bot: str, body: BotEdit, session: WriteSession, bots: Bots
) -> AppliedView:
    """Give a bot a new spec; the answer lists what changed."""
    found = await bots.get(session, caller, bot, scope="bot:write")
    bots.expect_version(found, body.version)
    applied, _ = await bots.edit(session, caller, found, body.spec)
    return AppliedView.of(applied)


@router.delete("/bots/{bot}", status_code=202)
async def delete_bot(caller: Writer, bot: str, session: WriteSession, bots: Bots) -> BotChanging:
    """Stop a bot and remove it with its files, for good."""
    found = await bots.get(session, caller, bot, scope="bot:write")
    return _changing(found, await bots.delete(session, caller, found))


@router.get("/bots/{bot}/revisions")
async def list_revisions(
    caller: Reader, bot: str, page: PageArguments, session: ReadSession, bots: Bots
) -> PageView[RevisionView]:
    """The revisions of a bot, newest first."""
    found = await bots.get(session, caller, bot)
    chosen = repository.revisions(found.id)
    listed = await fetch_page(session, chosen, RevisionRow.id, page, newest_first=True)
    return PageView(items=[RevisionView.of(r) for r in listed.items], next_cursor=listed.cursor)


@router.post("/bots/{bot}/start", status_code=202)
async def start_bot(caller: Writer, bot: str, session: WriteSession, bots: Bots) -> BotChanging:
    """Let a bot run; what had failed is forgiven and tried again."""
    return await _wish(caller, bot, session, bots, DesiredState.RUNNING)


@router.post("/bots/{bot}/stop", status_code=202)
async def stop_bot(caller: Writer, bot: str, session: WriteSession, bots: Bots) -> BotChanging:
    """End a bot's processes; its files stay."""
    return await _wish(caller, bot, session, bots, DesiredState.STOPPED)


@router.post("/bots/{bot}/pause", status_code=202)
async def pause_bot(caller: Writer, bot: str, session: WriteSession, bots: Bots) -> BotChanging:
    """Keep a bot up and let it do nothing: no turns, channels, schedule or heartbeat."""
    return await _wish(caller, bot, session, bots, DesiredState.PAUSED)


@router.post("/bots/{bot}/resume", status_code=202)
async def resume_bot(caller: Writer, bot: str, session: WriteSession, bots: Bots) -> BotChanging:
    """Let a paused bot go on."""
    return await _wish(caller, bot, session, bots, DesiredState.RUNNING)


@router.post("/bots/{bot}/restart", status_code=202)
async def restart_bot(caller: Writer, bot: str, session: WriteSession, bots: Bots) -> BotChanging:
    """Give a bot a new process in its present place."""
    found = await bots.get(session, caller, bot, scope="bot:write")
    return _changing(found, await bots.restart(session, caller, found, redeploy=False))


@router.post("/bots/{bot}/redeploy", status_code=202)
async def redeploy_bot(caller: Writer, bot: str, session: WriteSession, bots: Bots) -> BotChanging:
    """Give a bot a whole new placement, with a new identity and new keys; its files stay."""
    found = await bots.get(session, caller, bot, scope="bot:write")
    return _changing(found, await bots.restart(session, caller, found, redeploy=True))


@router.post("/bots/{bot}/kill", status_code=202)
async def kill_bot(request: Request, caller: Killer, bot: str, bots: Bots) -> Killed:
    """Revoke a bot's keys now and stop it without grace."""
    ours = parts(request)
    async with ours.store.begin() as session:
        found = await bots.get(session, caller, bot, scope="bot:kill")
        operation, version = await bots.kill(session, caller, found)
    dead = await bots.keys_dead(version)
    return Killed(bots=[_changing(found, operation)], keys_dead=dead)


@router.post("/kill", status_code=202)
async def kill_all(request: Request, caller: Killer, bots: Bots) -> Killed:
    """Revoke the keys of every bot that the caller may kill, and stop them without grace."""
    ours = parts(request)
    killed, newest = [], 0
    async with ours.store.begin() as session:
        for found in await bots.killable(session, caller):
            operation, newest = await bots.kill(session, caller, found)
            killed.append(_changing(found, operation))
    return Killed(bots=killed, keys_dead=not killed or await bots.keys_dead(newest))


@router.post("/apply")
async def apply_manifests(
    caller: Writer, body: Apply, session: WriteSession, bots: Bots
) -> AppliedAll:
    """Make bots be like their manifests: all of them, or, if one is refused, none."""
    applied = [
        await bots.apply(session, caller, manifest.spec(), dry_run=body.dry_run)
        for manifest in body.manifests
    ]
    return AppliedAll(items=[AppliedView.of(one) for one in applied], dry_run=body.dry_run)


async def _wish(
    caller: Principal, ref: str, session: AsyncSession, bots: BotService, desired: DesiredState
) -> BotChanging:
    found = await bots.get(session, caller, ref, scope="bot:write")
    return _changing(found, await bots.wish(session, caller, found, desired))


def _changing(bot: BotRow, operation_id: str) -> BotChanging:
    return BotChanging(id=bot.id, name=bot.name, operation_id=operation_id)
