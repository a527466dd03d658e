"""What can be done with providers and routes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from homarus.core.routes import DEFAULT_BASE_URLS, FORMATS, ProviderType
from homarus.domains.audit.service import record
from homarus.domains.provider import prices, repository
from homarus.domains.provider.prices import Rates
from homarus.domains.provider.probe import Probe, Verdict
from homarus.domains.provider.tables import Price, Provider, Route
from homarus.domains.secret.boxes import Boxes
from homarus.errors import Conflict, Invalid, NotFound
from homarus.kit.clock import Clock
from homarus.kit.ids import new_id
from homarus.kit.pagination import Page, PageAsk
from homarus.protocol import gateway as wire
from homarus.store.after import after_commit
from homarus.store.paging import fetch_page
from homarus.store.sequencer import next_numbers
from homarus.web.principal import Principal

SNAPSHOT = "gateway_snapshot"
"""The counter that rises with every change that gateways must hear of."""


@dataclass(frozen=True, slots=True)
class NewProvider:
    """What is said of a provider when it is added."""

    name: str
    type: ProviderType
    base_url: str = ""
    """Empty: where this type usually listens."""
    key: str = ""


@dataclass(frozen=True, slots=True)
class ProviderChange:
    """What is to change of a provider; None: as it is."""

    base_url: str | None = None
    key: str | None = None
    """Empty: it needs none any more."""


@dataclass(frozen=True, slots=True)
class NewRoute:
    """What is said of a route when it is made."""

    name: str
    provider: str
    model: str
    max_output: int = 8192
    rates: Rates | None = None
    """Absent: the price list's, if it knows the model."""


class ProviderService:
    """Providers and routes. ``changed`` is called after a commit that changed one."""

    def __init__(
        self, clock: Clock, *, boxes: Boxes, probe: Probe, changed: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._boxes = boxes
        self._probe = probe
        self._changed = changed

    async def add(self, session: AsyncSession, caller: Principal, new: NewProvider) -> Provider:
        """Add a provider; its key is sealed before it is written.

        Raises:
            Invalid: no base URL, or one that is not http(s); http only to this machine.
            Conflict: there is one of this name.
        """
        base_url = _checked(new.base_url or DEFAULT_BASE_URLS.get(new.type, ""))
        if await repository.by_id_or_name(session, caller.workspace_id, new.name) is not None:
            raise Conflict(f"There is a provider {new.name} already.", hint="Remove it first.")
        now = self._clock.now()
        provider = Provider(
            id=new_id("prv", now=now),
            workspace_id=caller.workspace_id,
            name=new.name,
            type=new.type.value,
            base_url=base_url,
            key=None,
            created_at=now,
        )
        provider.key = await self._sealed(session, provider, new.key)
        session.add(provider)
        detail = {"name": new.name, "type": new.type.value, "base_url": base_url}
        await self._written(session, caller, "provider.create", provider.id, detail)
        return provider

    async def update(
        self, session: AsyncSession, caller: Principal, key: str, change: ProviderChange
    ) -> Provider:
        """Set where a provider listens, or the key that it is shown; its routes stay.

        The gateways use both for the next call. What is already so changes nothing.

        Raises:
            Invalid: the base URL is not http(s); http only to this machine.
        """
        provider = await self.get(session, caller, key)
        detail: dict[str, str] = {}
        if change.base_url is not None and _checked(change.base_url) != provider.base_url:
            detail["base_url"] = provider.base_url = _checked(change.base_url)
        if change.key is not None and change.key != await self._opened(session, provider):
            provider.key = await self._sealed(session, provider, change.key)
            detail["key"] = "replaced" if change.key else "removed"
        if detail:
            await self._written(session, caller, "provider.update", provider.id, detail)
        return provider

    async def get(self, session: AsyncSession, caller: Principal, key: str) -> Provider:
        """A provider of the caller's workspace, by id or name."""
        found = await repository.by_id_or_name(session, caller.workspace_id, key)
        if found is None:
            raise NotFound(f"There is no provider {key}.", hint="homarus provider list")
        return found

    async def list_providers(
        self, session: AsyncSession, caller: Principal, ask: PageAsk
    ) -> Page[Provider]:
        """The providers of the caller's workspace."""
        chosen = repository.providers_of(caller.workspace_id)
        return await fetch_page(session, chosen, Provider.id, ask)

    async def remove(self, session: AsyncSession, caller: Principal, key: str) -> None:
        """Remove a provider, its key and its routes. Calls under way end; ledger lines stay."""
        provider = await self.get(session, caller, key)
        await repository.remove(session, provider)
        await self._written(session, caller, "provider.delete", provider.id, {})

    async def check(self, session: AsyncSession, caller: Principal, key: str) -> Verdict:
        """Ask the provider whether it takes our key."""
        provider = await self.get(session, caller, key)
        return await self._probe(
            type_=ProviderType(provider.type),
            base_url=provider.base_url,
            key=await self._opened(session, provider),
        )

    async def try_out(self, new: NewProvider) -> Verdict:
        """Ask a provider that is not added yet whether it takes this key; nothing is written.

        Raises:
            Invalid: the base URL could not be added either.
        """
        base_url = _checked(new.base_url or DEFAULT_BASE_URLS.get(new.type, ""))
        return await self._probe(type_=new.type, base_url=base_url, key=new.key)

    async def add_route(self, session: AsyncSession, caller: Principal, new: NewRoute) -> Route:
        """Make a route, or point the one of this name elsewhere.

        Without rates of its own a route takes the price list's; a model unknown there is
        unpriced: its calls are recorded and marked, and no budget limits them.
        """
        provider = await self.get(session, caller, new.provider)
        now = self._clock.now()
        route = await repository.route_by_name(session, caller.workspace_id, new.name)
        if route is None:
            route = Route(
                id=new_id("rte", now=now),
                workspace_id=caller.workspace_id,
                name=new.name,
                created_at=now,
            )
            session.add(route)
        route.provider_id, route.model = provider.id, new.model
        route.max_output = new.max_output
        rates = new.rates or self._rates(provider, new.model)
        route.price_id = None if rates is None else self._price(session, caller, rates)
        detail = {"name": new.name, "provider": provider.name, "model": new.model}
        await self._written(session, caller, "route.set", route.id, detail)
        return route

    async def price_of(self, session: AsyncSession, route: Route) -> Price | None:
        """What a route's model costs; None: unpriced."""
        return (await repository.prices(session, [route.price_id or ""])).get(route.price_id or "")

    async def demo_url(self, session: AsyncSession, caller: Principal) -> str | None:
        """Where the demo model of the caller's workspace is; None: it has none."""
        chosen = repository.providers_of(caller.workspace_id)
        demo = chosen.where(Provider.type == ProviderType.DEMO).order_by(Provider.id).limit(1)
        found = await session.scalar(demo)
        return None if found is None else found.base_url

    async def route_formats(
        self, session: AsyncSession, workspace_id: str
    ) -> dict[str, Sequence[str]]:
        """Every name under which a workspace's bots can call a model, with its formats."""
        types = await repository.types_of_routes(session, workspace_id)
        return {name: FORMATS[ProviderType(type_)] for name, type_ in types}

    async def list_routes(
        self, session: AsyncSession, caller: Principal, ask: PageAsk
    ) -> Page[tuple[Route, Price | None]]:
        """The routes of the caller's workspace, each with its price."""
        page = await fetch_page(session, repository.routes_of(caller.workspace_id), Route.id, ask)
        known = await repository.prices(session, [r.price_id for r in page.items if r.price_id])
        return Page([(r, known.get(r.price_id or "")) for r in page.items], page.cursor)

    async def rows(
        self, session: AsyncSession
    ) -> tuple[tuple[wire.ProviderRow, ...], tuple[wire.RouteRow, ...]]:
        """Everything for the gateways' snapshot, keys opened: for their sessions alone."""
        providers, routes, known = await repository.everything(session)
        return (
            tuple([await self._row(session, provider) for provider in providers]),
            tuple(_route_row(route, known.get(route.price_id or "")) for route in routes),
        )

    async def _row(self, session: AsyncSession, provider: Provider) -> wire.ProviderRow:
        type_ = ProviderType(provider.type)
        return wire.ProviderRow(
            provider.id,
            provider.name,
            FORMATS[type_],
            provider.base_url,
            await self._opened(session, provider),
            type_ is ProviderType.DEMO,
        )

    async def _sealed(self, session: AsyncSession, provider: Provider, key: str) -> bytes | None:
        if not key:
            return None
        return await self._boxes.seal(session, provider.workspace_id, _label(provider.id), key)

    async def _opened(self, session: AsyncSession, provider: Provider) -> str:
        if provider.key is None:
            return ""
        label = _label(provider.id)
        return await self._boxes.unseal(session, provider.workspace_id, label, provider.key)

    def _rates(self, provider: Provider, model: str) -> Rates | None:
        if provider.type == ProviderType.DEMO:
            return prices.DEMO
        return prices.listed(provider.type, model, self._clock.now())

    def _price(self, session: AsyncSession, caller: Principal, rates: Rates) -> str:
        now = self._clock.now()
        price = Price(
            id=new_id("prc", now=now),
            workspace_id=caller.workspace_id,
            source=rates.source,
            input=rates.input,
            cached_read=rates.cached_read,
            cache_write=rates.cache_write,
            output=rates.output,
            created_at=now,
        )
        session.add(price)
        return price.id

    async def _written(
        self,
        session: AsyncSession,
        caller: Principal,
        action: str,
        subject: str,
        detail: dict[str, str],
    ) -> None:
        record(session, caller, action=action, subject=subject, at=self._clock.now(), detail=detail)
        await session.flush()
        await next_numbers(session, SNAPSHOT, 1)
        after_commit(session, self._changed)


def _route_row(route: Route, price: Price | None) -> wire.RouteRow:
    return wire.RouteRow(
        route.id,
        route.workspace_id,
        route.name,
        route.provider_id,
        route.model,
        route.max_output,
        None
        if price is None
        else wire.PriceRow(
            price.id, price.input, price.cached_read, price.cache_write, price.output
        ),
    )


def _label(provider_id: str) -> str:
    return f"provider-key|{provider_id}"


def _checked(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise Invalid("base_url: this is no http or https address.", hint="https://host/v1")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise Invalid(
            "base_url: keys travel over https only, unless the provider is on this machine.",
            hint="Use https://.",
        )
    return base_url.rstrip("/")
