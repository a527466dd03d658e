"""All SQL about providers, routes and prices."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.provider.tables import Price, Provider, Route


async def by_id_or_name(session: AsyncSession, workspace_id: str, key: str) -> Provider | None:
    """A provider of a workspace, by its id or its name."""
    chosen = select(Provider).where(
        Provider.workspace_id == workspace_id, (Provider.id == key) | (Provider.name == key)
    )
    return await session.scalar(chosen)


def providers_of(workspace_id: str) -> Select[Provider]:
    """The providers of a workspace, to be paged."""
    return select(Provider).where(Provider.workspace_id == workspace_id)


def routes_of(workspace_id: str) -> Select[Route]:
    """The routes of a workspace, to be paged."""
    return select(Route).where(Route.workspace_id == workspace_id)


async def route_by_name(session: AsyncSession, workspace_id: str, name: str) -> Route | None:
    """The route that answers to ``name``."""
    chosen = select(Route).where(Route.workspace_id == workspace_id, Route.name == name)
    return await session.scalar(chosen)


async def prices(session: AsyncSession, ids: Sequence[str]) -> dict[str, Price]:
    """Prices by id."""
    found = await session.scalars(select(Price).where(Price.id.in_(ids)))
    return {price.id: price for price in found}


async def remove(session: AsyncSession, provider: Provider) -> None:
    """Remove a provider and its routes; prices stay, for calls name them."""
    await session.execute(delete(Route).where(Route.provider_id == provider.id))
    await session.delete(provider)


async def everything(
    session: AsyncSession,
) -> tuple[Sequence[Provider], Sequence[Route], dict[str, Price]]:
    """Every provider, route and price in use, of every workspace."""
    providers = (await session.scalars(select(Provider).order_by(Provider.id))).all()
    routes = (await session.scalars(select(Route).order_by(Route.id))).all()
    used = [route.price_id for route in routes if route.price_id]
    return providers, routes, await prices(session, used)


async def types_of_routes(session: AsyncSession, workspace_id: str) -> Sequence[tuple[str, str]]:
    """Name of each route of a workspace, and its provider's type."""
    chosen = (
        select(Route.name, Provider.type)
        .join(Provider, Provider.id == Route.provider_id)
        .where(Route.workspace_id == workspace_id)
    )
    return [(name, type_) for name, type_ in (await session.execute(chosen)).all()]
