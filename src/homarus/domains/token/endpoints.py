"""``/v1/tokens``: API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.token.schemas import TokenCreate, TokenCreatedView, TokenView
from homarus.domains.token.service import Issued, TokenService
from homarus.web.creation import Creating
from homarus.web.pages import PageArguments, PageView
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession, WriteSession

router = APIRouter(prefix="/v1/tokens", tags=["token"])
Tokens = Annotated[TokenService, provided(TokenService)]


@router.get("")
async def list_tokens(
    caller: Annotated[Principal, requires("token:read")],
    ask: PageArguments,
    session: ReadSession,
    tokens: Tokens,
    user_id: Annotated[str, Query(description="whose; absent: the caller's own")] = "",
) -> PageView[TokenView]:
    """Tokens of the caller (or of a user they may change), newest first."""
    page = await tokens.list(session, caller, user_id or caller.id, ask)
    return PageView(items=[TokenView.of(row) for row in page.items], next_cursor=page.cursor)


@router.post("", status_code=201)
async def create_token(
    caller: Annotated[Principal, requires("token:write")],
    body: TokenCreate,
    creation: Creating,
    tokens: Tokens,
) -> TokenCreatedView:
    """Make a token; it is shown once and never holds more than its user."""
    lifetime = None if body.days is None else timedelta(days=body.days)

    async def make(session: AsyncSession) -> Issued:
        return await tokens.create(
            session, caller, name=body.name, scopes=body.scopes, lifetime=lifetime
        )

    async def again(session: AsyncSession, token_id: str) -> Issued:
        return Issued(await tokens.get(session, caller, token_id), None)

    issued = await creation.once(caller, make, again)
    view = TokenView.of(issued.row)
    return TokenCreatedView(**view.model_dump(), secret=issued.secret)


@router.delete("/{token_id}", status_code=204)
async def revoke_token(
    caller: Annotated[Principal, requires("token:write")],
    token_id: str,
    session: WriteSession,
    tokens: Tokens,
) -> None:
    """Revoke a token at once; it stays in the list."""
    await tokens.revoke(session, caller, token_id)
