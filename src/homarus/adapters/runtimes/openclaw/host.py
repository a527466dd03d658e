"""The active half of runtime ``openclaw``: install, validate, start, turns, pause."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from homarus.adapters.runtimes.openclaw import install, pin
from homarus.adapters.runtimes.openclaw.inventory import inventory
from homarus.adapters.runtimes.openclaw.wire import Gateway, Refused
from homarus.errors import Issue, Unavailable
from homarus.ports.runtime_host import (
    Health,
    Inventory,
    Launch,
    Places,
    ProgressSink,
    Ticket,
    TurnEvent,
)
from homarus.supervisor.loopback import request

log = logging.getLogger(__name__)
_HEAP_SHARE, _LEAST_HEAP_MB = 0.5, 400
_WAIT_SLICE_MS = 20_000
_LEAST_S, _ABORT_S = 1.0, 15.0
_ENDS = ("final", "error", "aborted")
_USAGE = {
    "input": "input",
    "output": "output",
    "cacheRead": "cache_read",
    "cacheWrite": "cache_write",
}


class OpenClawHost:
    """One OpenClaw gateway. Turns go to its main session, by the turn's id as idempotency key."""

    name = "openclaw"
    port_span = 120
    ready_within_s = 180.0

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._memory_mb = int(settings.get("memory_mb", "1200"))
        self._gateway: Gateway | None = None

    async def install(self, *, version: str, store: Path, progress: ProgressSink) -> Path:
        return await install.install(store, progress, output=store / ".openclaw-install.log")

    # ---- process

    def _command(self, places: Places, *arguments: str, env: Mapping[str, str]) -> Launch:
        entry = places.runtime / "app" / "node_modules" / "openclaw" / "openclaw.mjs"
        heap = max(_LEAST_HEAP_MB, int(self._memory_mb * _HEAP_SHARE))
        common = {
            "HOME": str(places.home),
            # Only the last two isolate; the profile keeps defaults from falling on a shared name.
            "OPENCLAW_PROFILE": pin.PROVIDER,
            "OPENCLAW_STATE_DIR": str(places.state),
            "OPENCLAW_CONFIG_PATH": str(places.config / pin.CONFIG_FILE),
            "OPENCLAW_CONFIG_READONLY": "1",
            "OPENCLAW_DISABLE_BONJOUR": "1",
            "OPENCLAW_NO_RESPAWN": "1",
            "OPENCLAW_NO_AUTO_UPDATE": "1",
            "OPENCLAW_OFFLINE": "1",
            "OPENCLAW_EXEC_SHELL_SNAPSHOT": "0",
            "DO_NOT_TRACK": "1",
            "NODE_OPTIONS": f"--max-old-space-size={heap} --max-semi-space-size=8",
            "MALLOC_ARENA_MAX": "2",
        }
        return Launch(
            argv=(str(places.node), str(entry), *arguments),
            env={**common, **env},
            config_exit_codes=frozenset({pin.CONFIG_EXIT}),
        )

    async def validate(
        self, *, places: Places, run: Callable[[Launch], Awaitable[tuple[int, str]]]
    ) -> Sequence[Issue]:
        code, output = await run(self._command(places, "config", "validate", "--json", env={}))
        if code == 0:
            return ()
        start = output.find("{")
        try:
            found, _ = json.JSONDecoder().raw_decode(output[max(start, 0) :])
            issues = found["issues"]
        except (ValueError, KeyError, TypeError):
            return (Issue("", f"OpenClaw's validator ended with {code}: {output.strip()[-300:]}"),)
        return [Issue(f"settings.{one['path']}", one["message"]) for one in issues]

    def fill(self, *, places: Places, ticket: Ticket) -> Mapping[str, str]:
        return {
            "PORT": str(ticket.port),
            "GATEWAY_URL": ticket.gateway_url,
            "NODE": str(places.node),
            "SOCKET": str(places.socket),
            "CONFIG": str(places.config),
            "WORKSPACE": str(places.workspace),
            "LOG": str(places.log),
        }

    def launch(self, *, places: Places, ticket: Ticket) -> Launch:
        quiet = {"OPENCLAW_SKIP_CHANNELS": "1", "OPENCLAW_SKIP_CRON": "1"}
        return self._command(places, "gateway", "run", env=quiet if ticket.paused else {})

    async def health(self, *, ticket: Ticket) -> Health:
        try:
            async with request(ticket.port, "GET", "/readyz", timeout_s=1.0) as answer:
                body = b"".join([line async for line in answer.lines]).decode(errors="replace")
                return Health(True, answer.status == 200, body[:200])
        except Unavailable as fault:
            return Health(False, False, fault.message)

    # ---- control surface

    async def open(self, *, ticket: Ticket) -> None:
        if self._gateway is not None and not self._gateway.closed:
            return
        self._gateway = await Gateway.open(ticket.port, ticket.token)

    async def close(self) -> None:
        if self._gateway is not None:
            await self._gateway.close()
            self._gateway = None

    def _open(self) -> Gateway:
        if self._gateway is None or self._gateway.closed:
            raise Unavailable("OpenClaw's gateway is not connected.")
        return self._gateway

    async def inventory(self) -> Inventory:
        gateway = self._open()
        channels = await gateway.call("channels.status", {})
        skills = await gateway.call("skills.status", {"agentId": pin.AGENT})
        return inventory(channels, skills)

    async def pause(self) -> bool:
        """Stop the channels at once; its schedule only stops with a new start."""
        gateway = self._open()
        status = await gateway.call("channels.status", {})
        for channel, seen in (status.get("channels") or {}).items():
            if isinstance(seen, dict) and seen.get("running"):
                await gateway.call("channels.stop", {"channel": channel})
        await gateway.call("set-heartbeats", {"enabled": False})
        return False

    async def resume(self) -> bool:
        return False

    async def secrets_changed(self) -> bool:
        answer = await self._open().call("secrets.reload", {}, timeout_s=60)
        return bool(answer.get("ok"))

    # ---- turns

    async def send(
        self, *, turn_id: str, text: str, traceparent: str, deadline: datetime
    ) -> AsyncIterator[TurnEvent]:
        gateway = self._open()
        left = max(_LEAST_S, (deadline - datetime.now(UTC)).total_seconds())
        end = asyncio.get_running_loop().time() + left
        params = {"sessionKey": pin.SESSION, "message": text, "idempotencyKey": turn_id}
        async with gateway.events(turn_id) as events:
            try:
                async with asyncio.timeout_at(end):
                    answer = await gateway.call("chat.send", params, traceparent=traceparent)
                    known = answer.get("status") not in ("started", "in_flight")
                    outcome = await self._outcome(gateway, turn_id) if known else None
                if outcome is not None:
                    yield outcome
                    return
                said = ""
                while True:
                    async with asyncio.timeout_at(end):
                        event = await anext(events)
                    if event.get("state") == "delta" and event.get("deltaText"):
                        # The event has the whole text too: what a full queue lost is in it.
                        whole = _text(event.get("message"))
                        if not whole.startswith(said) or len(whole) <= len(said):
                            whole = said + event["deltaText"]
                        yield TurnEvent("delta", whole[len(said) :], len(said))
                        said = whole
                    elif event.get("state") in _ENDS:
                        yield await self._ending(gateway, turn_id, event)
                        return
            except StopAsyncIteration:
                raise Unavailable("OpenClaw's gateway went away in mid-answer.") from None
            except TimeoutError:
                yield await self._abort(gateway, turn_id, events)
            except Refused as fault:
                yield TurnEvent("failed", fault.message)

    async def _abort(
        self, gateway: Gateway, turn_id: str, events: AsyncIterator[dict[str, Any]]
    ) -> TurnEvent:
        """End a run that is past its deadline, and see it end.

        Otherwise it would go on spending, and the next message would be folded into it.
        """
        words = "The bot did not answer before the deadline."
        try:
            async with asyncio.timeout(_ABORT_S):
                params = {"sessionKey": pin.SESSION, "runId": turn_id}
                if not (await gateway.call("chat.abort", params)).get("aborted"):
                    return TurnEvent("failed", words)  # Nothing of it runs.
                async for event in events:
                    if event.get("state") == "final":
                        return await self._ending(gateway, turn_id, event)
                    if event.get("state") in _ENDS:
                        return TurnEvent("failed", words)
        except (TimeoutError, Unavailable) as fault:
            log.warning("turn %s was not seen to end: %s", turn_id, fault)
        return TurnEvent("failed", f"{words} It could not be seen to stop, and may go on.")

    async def _ending(self, gateway: Gateway, turn_id: str, event: dict[str, Any]) -> TurnEvent:
        if event["state"] == "final":
            return TurnEvent(
                "final", _text(event.get("message")), usage=await self._usage(gateway, turn_id)
            )
        words = event.get("errorMessage") or f"OpenClaw ended the turn: {event['state']}"
        return TurnEvent("failed", str(words))

    async def _usage(self, gateway: Gateway, turn_id: str) -> dict[str, int]:
        """Sum over every model call of the turn, from the transcript; empty if it cannot be had."""
        total: dict[str, int] = {}
        try:
            messages = await self._history(gateway)
        except Unavailable as fault:
            log.info("no usage for turn %s: %s", turn_id, fault.message)
            return total
        for message in messages:
            if _run_of(message) != turn_id or message.get("role") != "assistant":
                continue
            for theirs, ours in _USAGE.items():
                count = int((message.get("usage") or {}).get(theirs) or 0)
                total[ours] = total.get(ours, 0) + count
        return total

    async def _history(self, gateway: Gateway) -> list[dict[str, Any]]:
        answer = await gateway.call("chat.history", {"sessionKey": pin.SESSION, "limit": 100})
        return [message for message in answer.get("messages") or [] if isinstance(message, dict)]

    async def _outcome(self, gateway: Gateway, turn_id: str) -> TurnEvent:
        found = await self.recall(turn_id=turn_id)
        return found or TurnEvent("failed", "OpenClaw does not remember this turn.")

    async def recall(self, *, turn_id: str) -> TurnEvent | None:
        gateway = self._open()
        while True:
            answer = await gateway.call(
                "agent.wait", {"runId": turn_id, "timeoutMs": _WAIT_SLICE_MS}, timeout_s=40
            )
            status = answer.get("status")
            if status == "ok":
                text = str((answer.get("terminalReply") or {}).get("text") or "")
                usage = await self._usage(gateway, turn_id)
                return TurnEvent("final", text, usage=usage)
            if status == "error":
                return TurnEvent("failed", str(answer.get("error") or "OpenClaw gave no reason."))
            remembered = await self._from_history(gateway, turn_id)
            if remembered is not None or not await self._runs(gateway, turn_id):
                return remembered

    async def _from_history(self, gateway: Gateway, turn_id: str) -> TurnEvent | None:
        """After a restart only the transcript remembers."""
        for message in reversed(await self._history(gateway)):
            done = message.get("stopReason") not in (None, "toolUse", "aborted", "error")
            if _run_of(message) == turn_id and message.get("role") == "assistant" and done:
                usage = await self._usage(gateway, turn_id)
                return TurnEvent("final", _text(message), usage=usage)
        return None

    async def _runs(self, gateway: Gateway, turn_id: str) -> bool:
        answer = await gateway.call("sessions.list", {"limit": 50})
        sessions = answer.get("sessions") or []
        return any(turn_id in (one.get("activeRunIds") or ()) for one in sessions)


def _run_of(message: Mapping[str, Any]) -> str:
    return str((message.get("__openclaw") or {}).get("runId") or "")


def _text(message: Any) -> str:
    if not isinstance(message, dict):
        return ""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(p.get("text", "")) for p in parts if p.get("type") == "text")
