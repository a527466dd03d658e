"""The first bot: made once, greeted on every start, and asked to say hello.

All of it through the public API with the command line's credential, as a person would.
"""

from __future__ import annotations

import time
from typing import Any

from homarus.client.api import Api, Document
from homarus.client.faults import fault_of
from homarus.errors import Conflict, HomarusError, NotFound, Unavailable
from homarus.kit.files import write_atomic
from homarus.roles import faults
from homarus.roles.screen import Screen
from homarus.settings import Settings

NAME = "hello"
DEMO = "demo"
GREETING = "Say hello in one short paragraph, and tell me who you are."
RUNNING_WITHIN_S = 900.0
REPLY_WITHIN_S = 120
LEDGER_WITHIN_S = 10.0
_LOOK_S = 0.3
_DEMO_PRICE = {"input": "0.10", "cached_read": "0.01", "cache_write": "0.125", "output": "0.40"}


class FirstBot:
    """Makes what a first start needs, and lets the bot speak."""

    def __init__(self, api: Api, screen: Screen, settings: Settings, *, isolation: str) -> None:
        self._api = api
        self._screen = screen
        self._settings = settings
        self._isolation = isolation
        self._done = settings.home / "first-start-done"

    def prepare(self, *, make: bool) -> None:
        """Make sure of the demo model and, on the first start and with ``make``, of the bot."""
        self._ensure_demo()
        if not self._done.exists():
            self._api.put("/v1/budgets/workspace", {"limit_usd": "25", "period": "month"})
            if make:
                self._ensure_bot()
            faults.at("first-start-made")
            write_atomic(self._done, b"")

    def greet(self) -> None:
        """Wait until the bot runs, if there is one, and print its reply.

        Raises:
            HomarusError: the bot gave up; the error and its exit code say why.
            Unavailable: it did not run, or did not answer, in time.
        """
        bot = self._find()
        if bot is None:
            self._screen.say("There is no bot hello; others are as you left them.")
            return
        if bot["desired"] != "running":
            self._screen.say(f"Bot hello is {bot['state']}, as you left it.")
            return
        self._wait_until_running()
        began = time.monotonic()
        turn = self._ask()
        self._screen.phases["first reply"] = time.monotonic() - began
        self._screen.reply(NAME, turn, self._call_of(turn))
        self._screen.times()

    def _ensure_demo(self) -> None:
        url = f"http://127.0.0.1:{self._settings.demo_port}"
        try:
            provider = self._api.get(f"/v1/providers/{DEMO}")
        except NotFound:
            if self._done.exists():
                return  # the owner removed it, and does not want it back
            made = {"name": DEMO, "type": "demo", "base_url": url}
            provider = self._api.post("/v1/providers", made)
        if provider["base_url"] != url:
            self._api.patch(f"/v1/providers/{DEMO}", {"base_url": url})
        names = {route["name"] for route in self._api.pages("/v1/routes")}
        if DEMO not in names:
            route = {"name": DEMO, "provider": DEMO, "model": "demo-1", "price": _DEMO_PRICE}
            self._api.put("/v1/routes", route)

    def _ensure_bot(self) -> None:
        spec: dict[str, Any] = {
            "kind": "bot",
            "name": NAME,
            "model": DEMO,
            "isolation": self._isolation,
            "persona": "You are Hello, the first bot of this Homarus. You are brief and friendly.",
            "goals": ["Show the person who started you that everything works."],
        }
        self._api.post("/v1/apply", {"manifests": [spec]})

    def _find(self) -> Document | None:
        try:
            return self._api.get(f"/v1/bots/{NAME}")
        except NotFound:
            return None

    def _wait_until_running(self) -> None:
        end = time.monotonic() + RUNNING_WITHIN_S
        said = ""
        with self._screen.installing() as bar:
            task = bar.add_task("", total=None, visible=False)
            while time.monotonic() < end:
                bot = self._api.get(f"/v1/bots/{NAME}")
                report = self._report()
                if bot["state"] == "running":
                    self._note_phases(report)
                    return
                if bot["state"] == "failed":
                    raise _gave_up(bot, report)
                total = report.get("progress_total", 0)
                bar.update(
                    task,
                    description=bot["reason"] or bot["state"],
                    completed=report.get("progress_done", 0),
                    total=total or None,
                    visible=True,
                )
                if bot["reason"] != said and not self._screen.console.is_terminal:
                    said = bot["reason"]
                    self._screen.say(f"  {bot['state']}: {said}")
                time.sleep(_LOOK_S)
        raise Unavailable(
            f"Bot {NAME} does not run after {RUNNING_WITHIN_S:.0f} s.",
            hint=f"homarus bot get {NAME} says what it waits for.",
        )

    def _report(self) -> Document:
        try:
            return self._api.get(f"/v1/bots/{NAME}/placement")["report"] or {}
        except NotFound:
            return {}

    def _note_phases(self, report: Document) -> None:
        for phase, seconds in report.get("phases", {}).items():
            self._screen.phases[f"OpenClaw: {phase}"] = seconds

    def _ask(self) -> Document:
        turn = self._api.post(
            f"/v1/bots/{NAME}/turns", {"text": GREETING, "timeout_s": REPLY_WITHIN_S}
        )
        for event in self._api.events(f"/v1/turns/{turn['id']}/stream"):
            if event.kind == "end":
                turn = event.data
        if turn["state"] != "done":
            raise Unavailable(
                f"Bot {NAME} did not answer: {turn['error'] or turn['state']}",
                hint=f"homarus bot logs {NAME}",
            )
        return turn

    def _call_of(self, turn: Document) -> Document | None:
        """The ledger's line of the turn's model call; the gateway ships it within a second."""
        end = time.monotonic() + LEDGER_WITHIN_S
        while time.monotonic() < end:
            for call in self._api.pages("/v1/calls", most=5, trace=turn["trace_id"]):
                if call["state"] == "done":
                    return call
            time.sleep(_LOOK_S)
        return None


def _gave_up(bot: Document, report: Document) -> HomarusError:
    """What stopped the bot, as the error it was (its exit code is documented), if it was one."""
    if report.get("fault"):
        return fault_of({"code": report["fault"], "detail": bot["reason"]}, status=503)
    return Conflict(
        f"Bot {NAME} gave up: {bot['reason']}",
        hint=f"homarus bot logs {NAME}; homarus bot get {NAME}",
    )
