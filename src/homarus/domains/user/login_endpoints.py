"""``/v1/login``, ``/v1/logout`` and ``/v1/me``: the caller's own ways in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from homarus.domains.user.login import LoginService, Opened
from homarus.domains.user.schemas import (
    LinkLogin,
    Login,
    MeView,
    PasswordUpdate,
    SessionView,
)
from homarus.domains.user.service import UserService
from homarus.domains.workspace.service import WorkspaceService
from homarus.web.parts import parts, provided
from homarus.web.principal import Principal, authenticate, open_to_all, requires
from homarus.web.transactions import ReadSession, WriteSession

router = APIRouter(prefix="/v1", tags=["login"])
Logins = Annotated[LoginService, provided(LoginService)]


@router.post("/login", dependencies=[open_to_all])
async def login(request: Request, response: Response, body: Login, logins: Logins) -> SessionView:
    """Log in with e-mail and password; the answer sets the session cookie."""
    opened = await logins.with_password(
        email=body.email, password=body.password.get_secret_value(), address=_address(request)
    )
    return _show(request, response, opened)


@router.post("/login/link", dependencies=[open_to_all])
async def login_with_link(
    request: Request, response: Response, body: LinkLogin, logins: Logins
) -> SessionView:
    """Log in with a one-time link; the answer sets the session cookie."""
    opened = await logins.with_link(token=body.token.get_secret_value())
    return _show(request, response, opened)


@router.post("/logout", status_code=204, dependencies=[open_to_all])
async def logout(
    # Whoever is logged in may leave, also who has no role that any scope could be asked of.
    caller: Annotated[Principal, Depends(authenticate)],
    request: Request,
    response: Response,
    session: WriteSession,
    logins: Logins,
) -> None:
    """End the session of the cookie that came with this request."""
    name = parts(request).access.cookie_name
    await logins.logout(session, caller, request.cookies.get(name, ""))
    response.delete_cookie(name, path="/", secure=parts(request).access.secure, httponly=True)


@router.get("/me")
async def get_me(
    caller: Annotated[Principal, requires("workspace:read")],
    session: ReadSession,
    users: Annotated[UserService, provided(UserService)],
    workspaces: Annotated[WorkspaceService, provided(WorkspaceService)],
) -> MeView:
    """Who calls, and what they may do."""
    user = await users.get(session, caller, caller.id)
    grants = (await users.grants_of(session, [user]))[user.id]
    return MeView.of(caller, user, grants, (await workspaces.get(session, caller)).name)


@router.put("/me/password", status_code=204)
async def set_password(
    caller: Annotated[Principal, requires("workspace:read")],
    body: PasswordUpdate,
    logins: Logins,
) -> None:
    """Choose a password. All sessions of the caller end, this one too."""
    current = body.current.get_secret_value() if body.current else None
    await logins.set_password(caller, password=body.password.get_secret_value(), current=current)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _show(request: Request, response: Response, opened: Opened) -> SessionView:
    access = parts(request).access
    expires: datetime = opened.expires_at
    response.set_cookie(
        access.cookie_name,
        opened.cookie,
        expires=expires,
        path="/",
        secure=access.secure,
        httponly=True,
        samesite="strict",
    )
    return SessionView(user_id=opened.user_id, expires_at=expires)
