"""Lists as the API shows them, and the base classes of what comes in and goes out."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from homarus.kit.pagination import PageAsk, decode_cursor


class Input(BaseModel):
    """Base of request bodies: unknown keys are refused with their path."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class View(BaseModel):
    """Base of answers. No field has a default, so that clients see which are always there."""

    model_config = ConfigDict(frozen=True)


V = TypeVar("V")


class PageView(View, Generic[V]):
    """One page of a list."""

    items: list[V]
    next_cursor: str | None = Field(description="ask for the next page with it; null: no more")


def _page_ask(
    cursor: Annotated[str, Query(max_length=500, description="next_cursor of the last page")] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="most items to return")] = 50,
) -> PageAsk:
    return PageAsk(after=decode_cursor(cursor) if cursor else "", limit=limit)


PageArguments = Annotated[PageAsk, Depends(_page_ask)]
