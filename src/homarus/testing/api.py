"""The API in a test: the application itself, called without a network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx2
from argon2 import PasswordHasher
from fastapi import FastAPI

from homarus.core.scopes import Role
from homarus.domains.secret.master_key import KeySource
from homarus.domains.user.grants import GrantSpec
from homarus.domains.user.passwords import Passwords
from homarus.errors import Unauthenticated
from homarus.http.app import build_app
from homarus.http.foundation import Foundation, lay_foundation
from homarus.kit.clock import Clock
from homarus.store.engine import Store
from homarus.web.parts import Access
from homarus.web.principal import Principal

BASE = "http://127.0.0.1:8700"
ACCESS = Access(
    hosts=frozenset({"127.0.0.1:8700", "localhost:8700"}),
    origins=frozenset({BASE, "http://localhost:8700"}),
    secure=False,
)


class FixedAuthenticator:
    """Knows the principals it was given, by token; for tests of endpoints of one noun."""

    def __init__(self, known: dict[str, Principal]) -> None:
        self.known = known

    async def by_token(self, token: str) -> Principal:
        return self._find(token)

    async def by_session(self, cookie: str) -> Principal:
        return self._find(cookie)

    def _find(self, credential: str) -> Principal:
        if credential not in self.known:
            raise Unauthenticated("This credential is not known.")
        return self.known[credential]


def api_client(app: FastAPI, token: str = "") -> httpx2.AsyncClient:
    """Return a client of ``app``; with ``token`` it sends it as a bearer."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers)


def quick_passwords() -> Passwords:
    """Argon2 at its cheapest: tests judge what is done with hashes, not how hard they are."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass(frozen=True, slots=True)
class Installation:
    """The API over a fresh store, its first start done."""

    app: FastAPI
    store: Store
    foundation: Foundation
    owner: Principal
    owner_token: str
    login_link: str

    def client(self, token: str = "") -> httpx2.AsyncClient:
        """Return a client of this API."""
        return api_client(self.app, token)

    async def add_user(
        self, name: str, role: Role, *, fleet: str | None = None
    ) -> tuple[Principal, str]:
        """Make a user of one role; return who they are and a token of theirs."""
        ours = self.foundation
        async with self.store.begin() as session:
            user = await ours.users.create(
                session,
                self.owner,
                email=f"{name}@example.test",
                name=name,
                grants=[GrantSpec(role, fleet)],
            )
            await session.flush()
            who = await ours.users.principal(session, user.id)
            assert who is not None
            issued = await ours.tokens.create(session, who, name="test", scopes=None, lifetime=None)
        return who, issued.secret or ""

    async def add_stranger(self) -> tuple[Principal, str]:
        """Make another workspace with its owner; return who they are and a token of theirs."""
        ours = self.foundation
        async with self.store.begin() as session:
            workspace = await ours.workspaces.create(session, name="elsewhere")
            user = await ours.users.create(
                session,
                Principal.system(workspace.id, "test"),
                email="stranger@example.test",
                name="Stranger",
                grants=[GrantSpec(Role.OWNER)],
            )
            await session.flush()
            who = await ours.users.principal(session, user.id)
            assert who is not None
            issued = await ours.tokens.create(session, who, name="test", scopes=None, lifetime=None)
        return who, issued.secret or ""


async def install(
    store: Store, clock: Clock, home: Path, *, access: Access = ACCESS
) -> Installation:
    """Build the foundation and its API on ``store``, with the master key in ``home``."""
    foundation = await lay_foundation(
        store,
        clock,
        master_key=KeySource(home / "master.key"),
        instance="test",
        passwords=quick_passwords(),
    )
    first = await foundation.bootstrap.first_start(email="owner@example.test", name="Owner")
    if first is None:
        raise ValueError("the store is not empty")
    app = build_app(
        store=store,
        clock=clock,
        access=access,
        authenticator=foundation.identity,
        numbered=foundation.sequencer.numbered,
        services=foundation.services(),
    )
    return Installation(app, store, foundation, first.owner, first.cli_token, first.login_link)
