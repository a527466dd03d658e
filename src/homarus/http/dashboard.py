"""The console: the built pages of ``dashboard/``, served under a strict content security policy.

The console is a client like any other: everything it shows comes from the API with the session
cookie of who looks. Serving it gives nothing away, so these routes are open to all.
"""

from __future__ import annotations

import gzip
import mimetypes
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from homarus.errors import NotFound
from homarus.web.parts import provided
from homarus.web.principal import open_to_all

router = APIRouter(tags=["console"], dependencies=[open_to_all])
BUILT = Path(__file__).parent / "console"
_NONCE = b"__NONCE__"
_INDEX = "index.html"
_FOREVER = "public, max-age=31536000, immutable"
_WORTH_PACKING = 1_000
_NOT_BUILT = """This is Homarus; its console is not built.

Run `make up` (or `make console`) in a checkout, or install the wheel, which carries it.
On the command line everything works: homarus --help
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """A built file, as it is and packed."""

    kind: str
    plain: bytes
    packed: bytes | None


class Console:
    """The built files in ``folder``, read when first asked for and kept: they never change."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._folder = folder

    @cached_property
    def _assets(self) -> dict[str, Asset]:
        files = (path for path in self._folder.rglob("*") if path.is_file())
        return {path.relative_to(self._folder).as_posix(): _read(path) for path in files}

    def asset(self, path: str) -> Asset | None:
        """The built file at ``path``; never the page itself, which is made anew each time."""
        return None if path == _INDEX else self._assets.get(path)

    def page(self, nonce: str) -> bytes | None:
        """The one page of the console, whose style elements carry ``nonce``; None if not built."""
        index = self._assets.get(_INDEX)
        return None if index is None else index.plain.replace(_NONCE, nonce.encode())


@router.get("/{path:path}", include_in_schema=False)
async def get_console(
    request: Request, path: str, console: Annotated[Console, provided(Console)]
) -> Response:
    """A built file, or for every other address that a browser opens the page, which routes.

    Raises:
        NotFound: somebody asks the API for something that it does not have.
    """
    asset = console.asset(path)
    if asset is not None:
        return _file(request, path, asset)
    if path.startswith("v1/") or "text/html" not in request.headers.get("accept", ""):
        raise NotFound(f"There is nothing at /{path}.", hint="See docs/reference/openapi.json.")
    nonce = secrets.token_urlsafe(16)
    page = console.page(nonce)
    if page is None:
        return PlainTextResponse(_NOT_BUILT)
    return Response(page, media_type="text/html", headers=_guards(nonce))


def _file(request: Request, path: str, asset: Asset) -> Response:
    # The name of everything in assets/ holds a digest of its content.
    headers = {"cache-control": _FOREVER if path.startswith("assets/") else "no-cache"}
    headers["vary"] = "accept-encoding"
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(asset.packed, media_type=asset.kind, headers=headers)
    return Response(asset.plain, media_type=asset.kind, headers=headers)


def _guards(nonce: str) -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"'self' 'nonce-{nonce}'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }


def _read(path: Path) -> Asset:
    plain = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packs = len(plain) > _WORTH_PACKING
    return Asset(kind, plain, gzip.compress(plain, mtime=0) if packs else None)
