"""``/v1/users``: people and their roles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from homarus.domains.user.login import LoginService
from homarus.domains.user.schemas import LinkView, UserCreate, UserUpdate, UserView
from homarus.domains.user.service import UserService
from homarus.domains.user.tables import User
from homarus.web.creation import Creating
from homarus.web.pages import PageArguments, PageView
from homarus.web.parts import provided
from homarus.web.principal import Principal, requires
from homarus.web.transactions import ReadSession, WriteSession

router = APIRouter(prefix="/v1/users", tags=["user"])
Users = Annotated[UserService, provided(UserService)]
Logins = Annotated[LoginService, provided(LoginService)]


@router.get("")
async def list_users(
    caller: Annotated[Principal, requires("user:read")],
    ask: PageArguments,
    session: ReadSession,
    users: Users,
) -> PageView[UserView]:
    """Users of the workspace, oldest first."""
    page = await users.list(session, caller, ask)
    grants = await users.grants_of(session, page.items)
    items = [UserView.of(user, grants[user.id]) for user in page.items]
    return PageView(items=items, next_cursor=page.cursor)


@router.post("", status_code=201)
async def create_user(
    caller: Annotated[Principal, requires("user:write")],
    body: UserCreate,
    creation: Creating,
    users: Users,
) -> UserView:
    """Make a user; a login link lets them in the first time."""

    async def make(session: AsyncSession) -> User:
        grants = [grant.spec() for grant in body.grants]
        return await users.create(session, caller, email=body.email, name=body.name, grants=grants)

    async def again(session: AsyncSession, user_id: str) -> User:
        return await users.get(session, caller, user_id)

    made = await creation.once(caller, make, again)
    return await _view(creation.session, users, made)


@router.get("/{user_id}")
async def get_user(
    caller: Annotated[Principal, requires("user:read")],
    user_id: str,
    session: ReadSession,
    users: Users,
) -> UserView:
    """One user."""
    return await _view(session, users, await users.get(session, caller, user_id))


@router.patch("/{user_id}")
async def update_user(
    caller: Annotated[Principal, requires("user:write")],
    user_id: str,
    body: UserUpdate,
    session: WriteSession,
    users: Users,
) -> UserView:
    """Change name or roles; nobody hands out more than they hold."""
    grants = None if body.grants is None else [grant.spec() for grant in body.grants]
    user = await users.update(session, caller, user_id, name=body.name, grants=grants)
    return await _view(session, users, user)


@router.delete("/{user_id}", status_code=204)
async def delete_user(
    caller: Annotated[Principal, requires("user:write")],
    user_id: str,
    session: WriteSession,
    users: Users,
) -> None:
    """Remove a user with their sessions, links and tokens."""
    await users.delete(session, caller, user_id)


@router.post("/{user_id}/login-link", status_code=201)
async def create_login_link(
    caller: Annotated[Principal, requires("user:write")],
    user_id: str,
    session: WriteSession,
    logins: Logins,
) -> LinkView:
    """Make a link that logs this user in once, within half an hour."""
    token, expires_at = await logins.make_link(session, caller, user_id)
    return LinkView(token=token, expires_at=expires_at)


async def _view(session: AsyncSession, users: UserService, user: User) -> UserView:
    return UserView.of(user, (await users.grants_of(session, [user]))[user.id])
