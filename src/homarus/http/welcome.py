"""What a browser sees that comes to the API: where to go instead."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from homarus.web.principal import open_to_all

router = APIRouter(tags=["welcome"], dependencies=[open_to_all])
_WORDS = """This is the API of Homarus; it has no pages yet.

A login link is used on the command line, with the whole address as you got it:
  homarus login '<the address>'
"""


@router.get("/", response_class=PlainTextResponse, include_in_schema=False)
@router.get("/login", response_class=PlainTextResponse, include_in_schema=False)
async def welcome() -> str:
    """Say what a login link is for; its secret half stays in the browser's address line."""
    return _WORDS
