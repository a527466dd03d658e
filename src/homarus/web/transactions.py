"""One request, one transaction: committed when the endpoint returned, before the answer leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.web.parts import parts


async def _read(request: Request) -> AsyncIterator[AsyncSession]:
    async with parts(request).store.read() as session:
        yield session


async def _write(request: Request) -> AsyncIterator[AsyncSession]:
    async with parts(request).store.begin() as session:
        yield session


# scope="function": with FastAPI's default the commit would come after the answer, and a client
# could be told of something that then fails.
ReadSession = Annotated[AsyncSession, Depends(_read, scope="function")]
WriteSession = Annotated[AsyncSession, Depends(_write, scope="function")]
