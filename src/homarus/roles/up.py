"""``homarus up``: the launcher. It keeps no state; what it starts can be started without it.

It starts api, demo model and AI gateway as its children and restarts them when they end.
Bots are nobody's children: they outlive a launcher that dies, and the next one finds them.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from homarus.client.api import Api
from homarus.client.credential import load_credential
from homarus.errors import AlreadyRunning, HomarusError, Unavailable
from homarus.roles import browser, faults, preflight
from homarus.roles.children import Child
from homarus.roles.first_bot import FirstBot
from homarus.roles.screen import Screen
from homarus.settings import Settings, load_settings

OPENCLAW_MB = 1200
PARKED_WITHIN_S = 60.0
_WATCH_S = 2.0


def up(
    once: Annotated[bool, typer.Option("--once", help="End after the bot's first reply.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave the bots running when this ends.")
    ] = False,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the console in your browser.")
    ] = False,
    no_bot: Annotated[bool, typer.Option("--no-bot", help="Make and greet no first bot.")] = False,
    isolation: Annotated[
        str, typer.Option(help="sandbox, or plain (no sandbox, a standing finding).")
    ] = "sandbox",
) -> None:
    """Start Homarus on this machine, with a first bot on the first start."""
    settings = load_settings()
    plan = Plan(isolation=isolation, first_bot=not no_bot, open_browser=open_browser)
    asyncio.run(Launcher(settings, Screen(), plan).run(once=once, detach=detach))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a start is to bring besides Homarus itself."""

    isolation: str
    first_bot: bool
    open_browser: bool


class Launcher:
    """One run of ``homarus up``."""

    def __init__(self, settings: Settings, screen: Screen, plan: Plan) -> None:
        self._settings = settings
        self._screen = screen
        self._plan = plan
        home = settings.home
        logs = home / "logs"
        ours = {name: value for name, value in os.environ.items() if name.startswith("HOMARUS_")}
        ours["HOMARUS_HOME"] = str(home)
        self._api = Child("api", [], logs / "api.log", ours)
        faults = ["--faults"] if settings.demo_faults else []
        demo = ["--port", str(settings.demo_port), *faults]
        self._demo = Child("demo", demo, logs / "demo.log")
        self._gateway = Child(
            "gateway",
            [
                *("--home", str(home / "gateway")),
                *("--port", str(settings.gateway_port)),
                *("--control-url", f"http://127.0.0.1:{settings.api_port}"),
            ],
            logs / "gateway.log",
        )

    async def run(self, *, once: bool, detach: bool) -> None:
        """Start everything, let the first bot speak, and stay until asked to end.

        Raises:
            HomarusError: the machine is not ready, or a part could not start. What was
                started by then is ended.
        """
        asked = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, asked.set)
        self._check_machine()
        try:
            await self._start()
            os.environ.setdefault("HOMARUS_HOME", str(self._settings.home))
            with Api(load_credential({"HOMARUS_HOME": str(self._settings.home)})) as api:
                first = FirstBot(api, self._screen, self._settings, isolation=self._plan.isolation)
                if await _unless(asked, self._greet(first, once=once)):
                    return
                if not once:
                    await self._stay(api, asked)
        finally:
            await self._end(detach=detach)

    async def _greet(self, first: FirstBot, *, once: bool) -> None:
        """Let the first bot speak. Its trouble ends us only where its reply is all we are for:
        otherwise Homarus must stay, for how else could somebody mend the bot?
        """
        await asyncio.to_thread(first.prepare, make=self._plan.first_bot)
        if not self._plan.first_bot:
            return
        try:
            await asyncio.to_thread(first.greet)
        except HomarusError as fault:
            if once:
                raise
            self._screen.trouble(fault)

    def _check_machine(self) -> None:
        home, settings = self._settings.home, self._settings
        preflight.check_home(home)
        installed = any((home / "runtimes").glob("openclaw-*"))
        preflight.check_disk(home, installed=installed)
        if preflight.runs_already(settings):
            raise AlreadyRunning(
                f"Homarus is running already, with the home folder {home}.",
                hint="Use it: homarus bot list. Or end the other `homarus up` first.",
            )
        preflight.check_ports(
            {
                "api_port": settings.api_port,
                "gateway_port": settings.gateway_port,
                "demo_port": settings.demo_port,
            }
        )
        if self._plan.isolation == "sandbox":
            preflight.ensure_sandbox(self._screen.say)
        if self._plan.first_bot:
            preflight.check_memory(OPENCLAW_MB)

    async def _start(self) -> None:
        home = self._settings.home
        arm = not (home / "gateway" / "identity.json").exists()
        self._api.arguments = ["--arm-gateway"] if arm else []
        with self._screen.phase("control plane"):
            told = json.loads((await self._api.start()).removeprefix("ready") or "{}")
        faults.at("api-started")
        with self._screen.phase("demo model"):
            await self._demo.start()
        faults.at("demo-started")
        with self._screen.phase("AI gateway"):
            token = str(told.get("gateway_token", ""))
            await self._gateway.start(hand_over=f"{token}\n".encode() if token else b"")
        faults.at("gateway-started")
        link = told.get("login_link", "")
        self._screen.addresses(self._settings, link)
        if self._plan.open_browser:
            console = self._settings.console_url
            browser.open_page(link or console, failed=lambda: self._screen.no_browser(console))

    async def _stay(self, api: Api, asked: asyncio.Event) -> None:
        """Show a status line and restart what ends, until asked to end."""
        self._screen.staying()
        while not asked.is_set():
            for child in (self._api, self._demo, self._gateway):
                if child.code is not None:
                    await self._restart(child)
            await asyncio.to_thread(self._screen.status, api)
            try:
                await asyncio.wait_for(asked.wait(), _WATCH_S)
            except TimeoutError:
                continue

    async def _restart(self, child: Child) -> None:
        self._screen.say(f"{child.role} ended with code {child.code}; starting it again")
        if not child.worth_restarting():
            raise Unavailable(
                f"{child.role} ended {child.quick_ends} times, each within seconds.",
                hint=f"Its log says why: {child.log}",
            )
        if child is self._api:
            child.arguments = []
        await child.start()

    async def _end(self, *, detach: bool) -> None:
        """End the children in order: bots first (unless detached), the ledger's keeper last."""
        self._screen.close()
        if not detach and self._api.pid and self._api.code is None:
            self._screen.say("stopping bots")
            self._api.send(signal.SIGUSR1)
            said = await self._api.line(within_s=PARKED_WITHIN_S)
            if said != "parked":
                self._screen.say(said or "the control plane did not answer; bots may still run")
        for child in (self._gateway, self._api, self._demo):
            await child.stop()


async def _unless(asked: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Do ``work`` unless the end is asked for meanwhile; say whether it was."""
    doing, waiting = asyncio.create_task(work), asyncio.create_task(asked.wait())
    done, _ = await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if doing in done:
        doing.result()
        return False
    doing.cancel()
    return True
