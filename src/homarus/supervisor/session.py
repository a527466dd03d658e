"""The connection to the control plane: outward only, re-made for ever, one epoch at a time."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import logging
import random
from collections import deque
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from homarus.errors import HomarusError, Unauthenticated, Unavailable
from homarus.kit.clock import Clock
from homarus.protocol import identity
from homarus.protocol import supervisor as wire
from homarus.supervisor.journal import Journal
from homarus.supervisor.reporting import Reporter

log = logging.getLogger(__name__)
_ANSWER_S = 20.0
_STATUS_EVERY_S = 1.0
_FIRST_RETRY_S, _LAST_RETRY_S = 1.0, 30.0
_DELTAS_KEPT = 512


class Sink(Protocol):
    """Who acts on what the control plane says. Every call is short and does not wait."""

    def desire(self, pointer: wire.Pointer) -> None: ...

    def command(self, command: wire.Command) -> None: ...

    def fenced(self) -> None:
        """This generation is over: stop the runtime, exit, never come back."""
        ...


async def enrol(
    control_url: str, *, token: str, key: Ed25519PrivateKey, facts: dict[str, str]
) -> identity.Enrolled:
    """Register our key. Repeating it with the same key is harmless while the token lives.

    Raises:
        Unavailable: the control plane did not answer; try again.
        Unauthenticated: the token is spent, expired or unknown; only a new one helps.
    """
    body = msgspec.json.encode(
        identity.Enrol(token, identity.encode_key(key.public_key().public_bytes_raw()), facts)
    )
    status, answer = await asyncio.to_thread(_post, control_url, "/enrol", body)
    if status in (200, 201):
        return msgspec.json.decode(answer, type=identity.Enrolled)
    if status in (400, 401, 403, 409, 410, 422):
        raise Unauthenticated(f"The control plane refused the enrolment ({status}).")
    raise Unavailable(f"The control plane answered {status} to the enrolment.")


def _post(base: str, path: str, body: bytes) -> tuple[int, bytes]:
    parts = urlsplit(base)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=15)
    try:
        connection.request("POST", parts.path + path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read(wire.MAX_FRAME)
    except (OSError, http.client.HTTPException) as fault:
        raise Unavailable(f"The control plane does not answer ({fault}).") from fault
    finally:
        connection.close()


class Session:
    """Keeps one session open as long as ``run`` runs.

    Sent to the control plane: reports (whole, on change, at most one a second), heartbeats,
    results from the journal until acknowledged, deltas as they fit. Nothing here decides.
    """

    def __init__(
        self,
        *,
        key: Ed25519PrivateKey,
        enrolled: identity.Enrolled,
        address: Callable[[], str],
        reporter: Reporter,
        journal: Journal,
        sink: Sink,
        clock: Clock,
    ) -> None:
        self._key = key
        self._enrolled = enrolled
        self._address = address
        self._reporter = reporter
        self._journal = journal
        self._sink = sink
        self._clock = clock
        self._socket: ClientConnection | None = None
        self._epoch = 0
        self._heartbeat_s = 15.0
        self._told = 0
        self._answers: dict[str, asyncio.Future[wire.Unit | wire.Secrets]] = {}
        self._asked = 0
        self._deltas: deque[wire.Delta] = deque(maxlen=_DELTAS_KEPT)
        self._replies: deque[wire.Result] = deque(maxlen=64)
        self._wake = asyncio.Event()
        self.open = asyncio.Event()
        """Set while a session stands."""

    # ---- what the rest of the supervisor asks of us

    async def unit(self, digest: str) -> wire.RunUnit:
        """Fetch the unit and prove that it is the one meant.

        Raises:
            Unavailable: no session, no answer, or a unit of another digest.
        """
        answer = await self._ask(lambda re: wire.UnitGet(re, digest))
        if not isinstance(answer, wire.Unit) or answer.unit.digest() != digest:
            raise Unavailable("The revision that arrived is not the one that was named.")
        return answer.unit

    async def secrets(self, names: tuple[str, ...]) -> wire.Secrets:
        """Fetch secret values. Raises Unavailable without a live session."""
        answer = await self._ask(lambda re: wire.SecretsGet(re, names))
        if not isinstance(answer, wire.Secrets):
            raise Unavailable("The control plane answered something else than secrets.")
        return answer

    def delta(self, key: str, offset: int, text: str) -> None:
        """Pass a piece of an answer on; lost without a session, the result has it all."""
        if self.open.is_set():
            self._deltas.append(wire.Delta(self._epoch, key, offset, text))
            self._wake.set()

    def reply(self, key: str, state: str, text: str) -> None:
        """Answer a command that is not journalled; lost with the session, then asked again."""
        if self.open.is_set():
            self._replies.append(wire.Result(self._epoch, 0, key, state, text))
            self._wake.set()

    def journalled(self) -> None:
        """The journal has something new to tell."""
        self._wake.set()

    async def _ask(
        self, make: Callable[[str], wire.UnitGet | wire.SecretsGet]
    ) -> wire.Unit | wire.Secrets:
        if self._socket is None or not self.open.is_set():
            raise Unavailable("There is no session with the control plane.")
        self._asked += 1
        re = str(self._asked)
        future = asyncio.get_running_loop().create_future()
        self._answers[re] = future
        try:
            await self._socket.send(wire.encode(make(re)), text=True)
            return await asyncio.wait_for(future, _ANSWER_S)
        except (ConnectionClosed, TimeoutError) as fault:
            raise Unavailable("The control plane did not answer.") from fault
        finally:
            self._answers.pop(re, None)

    # ---- life

    async def run(self) -> None:
        """Connect, serve, reconnect with full jitter; returns once fenced."""
        attempt = 0
        while True:
            began = self._clock.monotonic()
            try:
                code, reason = await self._once()
            except (OSError, WebSocketException, HomarusError, msgspec.MsgspecError) as fault:
                code, reason = 0, str(fault) or type(fault).__name__
            if code == wire.CLOSE_FENCED:
                log.warning("fenced: another generation took over")
                self._sink.fenced()
                return
            if code == wire.CLOSE_VERSION:
                log.error("the control plane speaks another version: %s", reason)
            # A session that lasted was a good one; the next outage starts from short pauses.
            attempt = 0 if self._clock.monotonic() - began > _LAST_RETRY_S else attempt + 1
            longest = min(_LAST_RETRY_S, _FIRST_RETRY_S * 2**attempt)
            pause = random.uniform(_FIRST_RETRY_S / 2, longest)  # noqa: S311 - jitter
            log.info("no session (%s %s); next try in %.1f s", code, reason, pause)
            await asyncio.sleep(pause)

    async def _once(self) -> tuple[int, str]:
        base = self._address().replace("http", "ws", 1)
        async with connect(
            base + self._enrolled.session_path,
            compression=None,
            max_size=wire.MAX_FRAME,
            open_timeout=15,
            proxy=None,
        ) as socket:
            try:
                with contextlib.suppress(ConnectionClosed):
                    await self._greet(socket)
                    await self._serve(socket)
            finally:
                self.open.clear()
                self._socket = None
                self._deltas.clear()
                self._replies.clear()
                for future in self._answers.values():
                    if not future.done():
                        future.set_exception(Unavailable("The session ended."))
            return socket.close_code or 0, socket.close_reason or ""

    async def _greet(self, socket: ClientConnection) -> None:
        async with asyncio.timeout(_ANSWER_S):
            challenge = wire.decode_to_supervisor(await socket.recv())
            if not isinstance(challenge, wire.Challenge):
                raise Unavailable("The control plane did not begin with a challenge.")
            subject = self._enrolled.subject
            signature = identity.sign(self._key, subject=subject, nonce=challenge.nonce)
            hello = wire.Hello(subject, signature, facts=self._reporter.report.facts)
            await socket.send(wire.encode(hello), text=True)
            welcome = wire.decode_to_supervisor(await socket.recv())
            if not isinstance(welcome, wire.Welcome):
                raise Unavailable("The control plane did not welcome us.")
        self._socket = socket
        self._epoch = welcome.epoch
        self._heartbeat_s = welcome.heartbeat_s
        self._told = welcome.acked
        self._reporter.changed.set()
        self.open.set()
        self._sink.desire(welcome.desired)
        log.info("session %d stands", welcome.epoch)

    async def _serve(self, socket: ClientConnection) -> None:
        both = {
            asyncio.create_task(self._listen(socket)),
            asyncio.create_task(self._send(socket)),
        }
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _listen(self, socket: ClientConnection) -> None:
        async for frame in socket:
            self._receive(wire.decode_to_supervisor(frame))

    def _receive(self, message: wire.ToSupervisor) -> None:
        match message:
            case wire.Desired(pointer):
                self._sink.desire(pointer)
            case wire.Unit() | wire.Secrets():
                future = self._answers.get(message.re)
                if future is not None and not future.done():
                    future.set_result(message)
            case wire.Command():
                self._sink.command(message)
            case wire.Acked(seq):
                self._journal.ack(seq)
            case _:
                log.warning("the control plane sent %s in mid-session", type(message).__name__)

    async def _send(self, socket: ClientConnection) -> None:
        changed = asyncio.create_task(self._reporter_wakes())
        next_beat = self._clock.monotonic() + self._jittered()
        next_status = 0.0
        try:
            while True:
                await self._send_results(socket)
                now = self._clock.monotonic()
                if self._reporter.changed.is_set() and now >= next_status:
                    self._reporter.changed.clear()
                    status = wire.Status(self._epoch, self._reporter.report)
                    await socket.send(wire.encode(status), text=True)
                    next_status, next_beat = now + _STATUS_EVERY_S, now + self._jittered()
                elif now >= next_beat:
                    beat = wire.Heartbeat(self._epoch, self._reporter.digest())
                    await socket.send(wire.encode(beat), text=True)
                    next_beat = now + self._jittered()
                waits = next_status if self._reporter.changed.is_set() else next_beat
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), max(0.0, waits - now))
                self._wake.clear()
        finally:
            changed.cancel()

    async def _send_results(self, socket: ClientConnection) -> None:
        """Journalled steps in order; the pieces of an answer go before its end."""
        for entry in self._journal.pending(self._told):
            if entry.state != "accepted":
                await self._send_pieces(socket)
            result = wire.Result(
                self._epoch, entry.seq, entry.key, entry.state, entry.text, entry.usage
            )
            await socket.send(wire.encode(result), text=True)
            self._told = entry.seq
        await self._send_pieces(socket)

    async def _send_pieces(self, socket: ClientConnection) -> None:
        for queue in (self._deltas, self._replies):
            while queue:
                await socket.send(wire.encode(queue.popleft()), text=True)

    async def _reporter_wakes(self) -> None:
        while True:
            await self._reporter.changed.wait()
            self._wake.set()
            await asyncio.sleep(_STATUS_EVERY_S)

    def _jittered(self) -> float:
        return self._heartbeat_s * random.uniform(0.8, 1.0)  # noqa: S311 - jitter
