"""Providers and routes as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from homarus.core.routes import ProviderType
from homarus.core.specs import Name
from homarus.domains.provider.discovery import NAMES, Found, ServerKind
from homarus.domains.provider.prices import Rates
from homarus.domains.provider.probe import Verdict
from homarus.domains.provider.service import NewProvider, NewRoute, ProviderChange
from homarus.domains.provider.tables import Price, Provider, Route
from homarus.kit.money import from_usd, to_usd
from homarus.web.pages import Input, View

RouteName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$")]


class ProviderCreate(Input):
    """A provider to add."""

    name: Name
    type: ProviderType = Field(description="what kind of service it is")
    base_url: str = Field("", max_length=500, description="empty: where this type listens")
    key: SecretStr = Field(SecretStr(""), description="its API key; sealed, never shown again")

    def new(self) -> NewProvider:
        """Return it for the service."""
        return NewProvider(self.name, self.type, self.base_url, self.key.get_secret_value())


class ProviderTry(Input):
    """A provider that is perhaps to be added."""

    type: ProviderType = Field(description="what kind of service it is")
    base_url: str = Field("", max_length=500, description="empty: where this type listens")
    key: SecretStr = Field(SecretStr(""), description="its API key; neither kept nor logged")

    def new(self) -> NewProvider:
        """Return it for the service."""
        return NewProvider("", self.type, self.base_url, self.key.get_secret_value())


class ProviderUpdate(Input):
    """What to change of a provider; what is absent stays as it is."""

    base_url: str | None = Field(None, max_length=500, description="where it listens")
    key: SecretStr | None = Field(
        None, description="its new API key, or empty: it needs none; sealed, never shown again"
    )

    def change(self) -> ProviderChange:
        """Return it for the service."""
        return ProviderChange(
            self.base_url, None if self.key is None else self.key.get_secret_value()
        )


class ProviderView(View):
    """A provider; its key is never shown."""

    id: str
    name: str
    type: ProviderType
    base_url: str
    has_key: bool
    demo: bool
    created_at: datetime

    @classmethod
    def of(cls, row: Provider) -> ProviderView:
        """Show a row."""
        return cls(
            id=row.id,
            name=row.name,
            type=ProviderType(row.type),
            base_url=row.base_url,
            has_key=row.key is not None,
            demo=row.type == ProviderType.DEMO,
            created_at=row.created_at,
        )


class CheckView(View):
    """Whether a provider takes our key, and what to do if not."""

    ok: bool
    message: str
    hint: str
    models: list[str]

    @classmethod
    def of(cls, verdict: Verdict) -> CheckView:
        """Show a verdict."""
        return cls(
            ok=verdict.ok, message=verdict.message, hint=verdict.hint, models=list(verdict.models)
        )


class LocalServerView(View):
    """A model server on this machine; ``type`` and ``base_url`` are what adding it takes."""

    kind: ServerKind
    name: str = Field(description="what people call it")
    type: ProviderType
    base_url: str
    models: list[str]

    @classmethod
    def of(cls, found: Found) -> LocalServerView:
        """Show what was found."""
        return cls(
            kind=found.kind,
            name=NAMES[found.kind],
            type=ProviderType.OPENAI,
            base_url=found.base_url,
            models=list(found.models),
        )


class PriceInput(Input):
    """A price of one's own, in dollars per million tokens."""

    input: Decimal = Field(ge=0, le=100_000)
    cached_read: Decimal = Field(ge=0, le=100_000)
    cache_write: Decimal = Field(ge=0, le=100_000)
    output: Decimal = Field(ge=0, le=100_000)


class RouteSet(Input):
    """A route to make or to point elsewhere."""

    name: RouteName = Field(description="the model name that bots use")
    provider: str = Field(max_length=63, description="name or id of the provider")
    model: str = Field(max_length=200, description="the provider's own name of the model")
    max_output: int = Field(8192, ge=1, le=1_000_000, description="most tokens of one answer")
    price: PriceInput | None = Field(None, description="absent: the price list's")

    def new(self) -> NewRoute:
        """Return it for the service."""
        rates = None
        if self.price is not None:
            rates = Rates(
                from_usd(self.price.input),
                from_usd(self.price.cached_read),
                from_usd(self.price.cache_write),
                from_usd(self.price.output),
                "own",
            )
        return NewRoute(self.name, self.provider, self.model, self.max_output, rates)


class PriceView(View):
    """Dollars per million tokens; null stands for unpriced."""

    source: str
    input: Decimal
    cached_read: Decimal
    cache_write: Decimal
    output: Decimal


class RouteView(View):
    """A route and what its model costs."""

    id: str
    name: str
    provider_id: str
    model: str
    max_output: int
    price: PriceView | None

    @classmethod
    def of(cls, row: Route, price: Price | None) -> RouteView:
        """Show a row."""
        return cls(
            id=row.id,
            name=row.name,
            provider_id=row.provider_id,
            model=row.model,
            max_output=row.max_output,
            price=price
            and PriceView(
                source=price.source,
                input=to_usd(price.input),
                cached_read=to_usd(price.cached_read),
                cache_write=to_usd(price.cache_write),
                output=to_usd(price.output),
            ),
        )
