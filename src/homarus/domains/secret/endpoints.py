"""``/v1/secrets``: names go out, values only come in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from homarus.core.specs import SecretName
from homarus.domains.secret.schemas import RotatedView, SecretSet, SecretView
from homarus.domains.secret.service import SecretService
from homarus.web.pages import PageArguments, PageView
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession, WriteSession

router = APIRouter(prefix="/v1/secrets", tags=["secret"])
Secrets = Annotated[SecretService, provided(SecretService)]
NameInPath = Annotated[SecretName, Path(description="capitals, digits and _", examples=["TOKEN"])]


@router.get("")
async def list_secrets(
    caller: Annotated[Principal, requires("secret:read")],
    ask: PageArguments,
    session: ReadSession,
    secrets: Secrets,
) -> PageView[SecretView]:
    """Secrets of the workspace by name, without values."""
    page = await secrets.list(session, caller, ask)
    return PageView(items=[SecretView.of(row) for row in page.items], next_cursor=page.cursor)


@router.post("/rotate-master-key")
async def rotate_master_key(
    caller: Annotated[Principal, requires("workspace:write")], secrets: Secrets
) -> RotatedView:
    """Replace the master key of this installation; no secret changes."""
    return RotatedView(data_keys=await secrets.rotate_master_key(caller))


@router.get("/{name}")
async def get_secret(
    caller: Annotated[Principal, requires("secret:read")],
    name: NameInPath,
    session: ReadSession,
    secrets: Secrets,
) -> SecretView:
    """One secret, without its value."""
    return SecretView.of(await secrets.get(session, caller, name))


@router.put("/{name}")
async def set_secret(
    caller: Annotated[Principal, requires("secret:write")],
    name: NameInPath,
    body: SecretSet,
    session: WriteSession,
    secrets: Secrets,
) -> SecretView:
    """Seal a value: a new secret, or the next version of one; running bots get it."""
    value = body.value.get_secret_value()
    return SecretView.of(await secrets.set(session, caller, name=name, value=value))


@router.delete("/{name}", status_code=204)
async def delete_secret(
    caller: Annotated[Principal, requires("secret:write")],
    name: NameInPath,
    session: WriteSession,
    secrets: Secrets,
    force: Annotated[bool, Query(description="also while bots use it")] = False,
) -> None:
    """Remove a secret for good; refused while bots use it, unless forced."""
    await secrets.delete(session, caller, name, force=force)
