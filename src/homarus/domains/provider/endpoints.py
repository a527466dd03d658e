"""``/v1/providers`` and ``/v1/routes``."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from homarus.domains.provider.discovery import Discovery
from homarus.domains.provider.schemas import (
    CheckView,
    LocalServerView,
    ProviderCreate,
    ProviderTry,
    ProviderUpdate,
    ProviderView,
    RouteSet,
    RouteView,
)
from homarus.domains.provider.service import ProviderService
from homarus.web.creation import Creating
from homarus.web.pages import PageArguments, PageView
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession, WriteSession

router = APIRouter(prefix="/v1", tags=["provider"])
Providers = Annotated[ProviderService, provided(ProviderService)]


@router.post("/providers", status_code=201)
async def create_provider(
    caller: Annotated[Principal, requires("provider:write")],
    body: ProviderCreate,
    creation: Creating,
    providers: Providers,
) -> ProviderView:
    """Add a provider; its key is sealed and never shown again."""
    made = await creation.once(
        caller,
        lambda session: providers.add(session, caller, body.new()),
        lambda session, id_: providers.get(session, caller, id_),
    )
    return ProviderView.of(made)


@router.get("/providers")
async def list_providers(
    caller: Annotated[Principal, requires("provider:read")],
    session: ReadSession,
    ask: PageArguments,
    providers: Providers,
) -> PageView[ProviderView]:
    """The providers of the workspace."""
    page = await providers.list_providers(session, caller, ask)
    return PageView(items=[ProviderView.of(row) for row in page.items], next_cursor=page.cursor)


@router.post("/providers/discover")
async def discover_providers(
    caller: Annotated[Principal, requires("provider:write")],
    discovery: Annotated[Discovery, provided(Discovery)],
) -> list[LocalServerView]:
    """Look on this machine for model servers on their usual ports; nothing is added."""
    return [LocalServerView.of(found) for found in await discovery.look()]


@router.post("/providers/test")
async def try_provider(
    caller: Annotated[Principal, requires("provider:write")],
    body: ProviderTry,
    providers: Providers,
) -> CheckView:
    """Ask a provider, live, whether it takes this key, before adding it; nothing is kept."""
    return CheckView.of(await providers.try_out(body.new()))


@router.get("/providers/{provider}")
async def get_provider(
    caller: Annotated[Principal, requires("provider:read")],
    provider: str,
    session: ReadSession,
    providers: Providers,
) -> ProviderView:
    """One provider, by id or name."""
    return ProviderView.of(await providers.get(session, caller, provider))


@router.patch("/providers/{provider}")
async def update_provider(
    caller: Annotated[Principal, requires("provider:write")],
    provider: str,
    body: ProviderUpdate,
    session: WriteSession,
    providers: Providers,
) -> ProviderView:
    """Change where a provider listens, or its key; its routes stay."""
    return ProviderView.of(await providers.update(session, caller, provider, body.change()))


@router.delete("/providers/{provider}", status_code=204)
async def delete_provider(
    caller: Annotated[Principal, requires("provider:write")],
    provider: str,
    session: WriteSession,
    providers: Providers,
) -> None:
    """Remove a provider with its key and its routes."""
    await providers.remove(session, caller, provider)


@router.post("/providers/{provider}/check")
async def check_provider(
    caller: Annotated[Principal, requires("provider:write")],
    provider: str,
    session: ReadSession,
    providers: Providers,
) -> CheckView:
    """Ask the provider, live, whether it takes our key."""
    return CheckView.of(await providers.check(session, caller, provider))


@router.put("/routes")
async def set_route(
    caller: Annotated[Principal, requires("provider:write")],
    body: RouteSet,
    session: WriteSession,
    providers: Providers,
) -> RouteView:
    """Make a route, or point the one of this name elsewhere."""
    route = await providers.add_route(session, caller, body.new())
    return RouteView.of(route, await providers.price_of(session, route))


@router.get("/routes")
async def list_routes(
    caller: Annotated[Principal, requires("provider:read")],
    session: ReadSession,
    ask: PageArguments,
    providers: Providers,
) -> PageView[RouteView]:
    """The model names that bots of the workspace may use."""
    page = await providers.list_routes(session, caller, ask)
    return PageView(items=[RouteView.of(*row) for row in page.items], next_cursor=page.cursor)
