"""Every router of the API. A new noun is one import and one line here."""

from __future__ import annotations

from fastapi import APIRouter

from homarus.domains.audit import endpoints as audit
from homarus.domains.bot import capacity_endpoints as capacity
from homarus.domains.bot import endpoints as bot
from homarus.domains.budget import endpoints as budget
from homarus.domains.call import endpoints as call
from homarus.domains.operation import endpoints as operation
from homarus.domains.placement import endpoints as placement
from homarus.domains.provider import endpoints as provider
from homarus.domains.secret import endpoints as secret
from homarus.domains.token import endpoints as token
from homarus.domains.turn import endpoints as turn
from homarus.domains.user import endpoints as user
from homarus.domains.user import login_endpoints as login
from homarus.domains.workspace import endpoints as workspace
from homarus.http import about, dashboard, doctor, health
from homarus.web import events

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    login.router,
    workspace.router,
    user.router,
    token.router,
    secret.router,
    audit.router,
    operation.router,
    bot.router,
    capacity.router,
    placement.router,
    turn.router,
    provider.router,
    budget.router,
    call.router,
    doctor.router,
    about.router,
    events.router,
    # Last: it answers every address that nobody before it took.
    dashboard.router,
)
