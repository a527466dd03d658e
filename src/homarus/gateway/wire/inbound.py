"""One client connection: bytes in, one `Request` at a time out, answers back.

Refused on sight: both Transfer-Encoding and Content-Length, any coding but ``chunked``,
repeated lengths, a missing or repeated Host, upgrades, bad framing. A second request that
comes before the first is answered (pipelining) is dropped and the connection closes after
the answer, so that no byte is ever read as a request that was not meant as one.
"""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

import httptools
import msgspec

from homarus.gateway.wire.limits import NEVER, Limits, Reaper

REASONS = {
    200: b"OK",
    400: b"Bad Request",
    401: b"Unauthorized",
    402: b"Payment Required",
    403: b"Forbidden",
    404: b"Not Found",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    413: b"Content Too Large",
    414: b"URI Too Long",
    417: b"Expectation Failed",
    431: b"Request Header Fields Too Large",
    501: b"Not Implemented",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
    504: b"Gateway Timeout",
    529: b"Overloaded",
}
STATUS_LINES = {
    code: b"HTTP/1.1 %d %s\r\n" % (code, REASONS.get(code, b"Status")) for code in range(200, 600)
}


_SINGLE = (b"content-length", b"transfer-encoding", b"host", b"authorization", b"x-api-key")
"""Headers that mean something else to whoever reads the first than to whoever reads the last."""


class Request(msgspec.Struct, frozen=True, gc=False):
    """One whole request. ``headers`` keeps order; names are lower case.

    ``known`` is the same by name; of a name that came twice the last.
    """

    method: bytes
    target: bytes
    headers: list[tuple[bytes, bytes]]
    known: dict[bytes, bytes]
    body: bytes


class Service(Protocol):
    """Who answers requests."""

    def serve(self, connection: Inbound, request: Request) -> None:
        """Answer through ``connection`` now or later: `respond`, or `start`, `send`, `finish`."""
        ...


class Reader(Protocol):
    """Who is told about the fate of the answer under way."""

    def client_gone(self) -> None:
        """The client left before its answer was complete."""
        ...

    def hold(self, held: bool) -> None:
        """``held``: the client reads slower than we write; stop producing until released."""
        ...


# Where a connection is between two requests. Plain ints: an enum's members cost a
# descriptor call each time, a dozen times a call.
_HEAD, _BODY, _BUSY, _CLOSED = 0, 1, 2, 3


class Inbound(asyncio.Protocol):
    """The protocol object of one accepted connection."""

    def __init__(self, service: Service, limits: Limits, reaper: Reaper) -> None:
        self._service = service
        self._limits = limits
        self._reaper = reaper
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._phase = _HEAD
        self._closing = False
        self._pipelined = False
        self._old = False
        self._refusal = 0
        self.reader: Reader | None = None
        self.kept_in: set[Inbound] = set()
        self.deadline = NEVER
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._method = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._known: dict[bytes, bytes] = {}
        self._body_size = 0
        self._raw_size = 0

    # ---- transport callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._reaper.watched.add(self)
        self.kept_in.add(self)
        self.deadline = self._reaper.monotonic() + self._limits.head_wait

    def data_received(self, data: bytes) -> None:
        phase = self._phase
        if phase == _BUSY:
            self._pipelined = True
            return
        if phase == _CLOSED:
            return
        self._raw_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refusal = self._refusal or 501
        except (httptools.HttpParserError, httptools.HttpParserCallbackError):
            self._refusal = self._refusal or 400
        if self._refusal:
            self.refuse(self._refusal)
        elif self._phase == _HEAD:
            if self._raw_size > self._limits.head + self._limits.target:
                self.refuse(431)
            elif self._raw_size == len(data):  # first bytes after a pause between requests
                self.deadline = self._reaper.monotonic() + self._limits.head_wait
        elif self._phase == _BODY:
            # Chunk framing may not outweigh the content it carries without bound.
            if self._raw_size > 2 * self._limits.body + self._limits.head:
                self.refuse(413)
        elif self._phase == _BUSY:
            self._deliver()

    def eof_received(self) -> bool:
        """A half-closed client still gets the answer to what it has fully asked."""
        self._closing = True
        return self._phase == _BUSY

    def connection_lost(self, exc: Exception | None) -> None:
        self._phase = _CLOSED
        self.deadline = NEVER
        self._reaper.watched.discard(self)
        self.kept_in.discard(self)
        reader, self.reader = self.reader, None
        if reader is not None:
            reader.client_gone()

    def pause_writing(self) -> None:
        self.deadline = self._reaper.monotonic() + self._limits.write_wait
        if self.reader is not None:
            self.reader.hold(True)

    def resume_writing(self) -> None:
        if self._phase == _BUSY:
            self.deadline = NEVER
        if self.reader is not None:
            self.reader.hold(False)

    def expire(self) -> None:
        if self._phase == _HEAD and self._raw_size == 0:
            self.close()
        elif self._phase in (_HEAD, _BODY):
            self.refuse(408)
        elif self._transport is not None:
            self._transport.abort()

    # ---- parser callbacks

    def on_message_begin(self) -> None:
        if self._phase != _HEAD:
            self._pipelined = True

    def on_url(self, url: bytes) -> None:
        if self._pipelined:
            return
        self._target += url
        if len(self._target) > self._limits.target:
            self._refusal = self._refusal or 414

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._phase == _HEAD and not self._pipelined:
            self._headers.append((name.lower(), value))
        # Trailers, and whatever is pipelined, are read and forgotten.

    def on_headers_complete(self) -> None:
        if self._pipelined or self._refusal:
            return
        self._old = self._parser.get_http_version() != "1.1"
        self._method = self._parser.get_method()
        if not self._parser.should_keep_alive():
            self._closing = True
        headers = self._headers
        self._known = known = dict(headers)
        self._refusal = _judge(headers, known, self._old, self._limits.body)
        # Bytes that came with the head may be body: only when many came is it worth a look.
        if self._raw_size > self._limits.head and _size(headers) > self._limits.head:
            self._refusal = 431
        self._phase = _BODY
        self.deadline = self._reaper.monotonic() + self._limits.body_wait
        if b"expect" in known and not self._refusal and not self._old:
            if known[b"expect"].lower() != b"100-continue":
                self._refusal = 417
            elif self._transport is not None:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        if self._pipelined or self._refusal:
            return
        self._body_size += len(data)
        if self._body_size > self._limits.body:
            self._refusal = 413
        else:
            self._body.append(data)

    def on_message_complete(self) -> None:
        if not self._pipelined and not self._refusal:
            self._phase = _BUSY

    # ---- answering

    def _deliver(self) -> None:
        body = self._body
        request = Request(
            self._method,
            self._target,
            self._headers,
            self._known,
            body[0] if len(body) == 1 else b"".join(body),
        )
        self.deadline = NEVER
        self._reset()
        self._service.serve(self, request)

    def respond(self, status: int, head: bytes, body: bytes) -> None:
        """Send a whole answer. ``head`` holds whole header lines."""
        self.start(status, b"%bcontent-length: %d\r\n" % (head, len(body)), body)
        self.finish()

    def start(self, status: int, head: bytes, first: bytes = b"") -> None:
        """Send the head of an answer, framing included, and its first bytes with it."""
        if self._transport is None or self._phase != _BUSY:
            return
        ending = b"connection: close\r\n\r\n" if self._closing or self._pipelined else b"\r\n"
        self._transport.write(b"".join((STATUS_LINES[status], head, ending, first)))

    def send(self, data: bytes) -> None:
        """Send bytes of an answer, already framed."""
        if self._transport is not None and self._phase == _BUSY:
            self._transport.write(data)

    def finish(self) -> None:
        """The answer is complete; the next request may come, unless this was the last."""
        self.reader = None
        if self._phase != _BUSY:
            return
        if self._closing or self._pipelined:
            self.close()
            return
        self._phase = _HEAD
        self.deadline = self._reaper.monotonic() + self._limits.idle_wait

    def close_after(self) -> None:
        """Let this answer be the last one of the connection."""
        self._closing = True

    @property
    def old(self) -> bool:
        """The request under way is HTTP/1.0: it takes no chunks."""
        return self._old

    def close(self) -> None:
        """Send what is written, then close."""
        self._phase = _CLOSED
        if self._transport is not None:
            # A peer that never reads must not hold the socket for ever.
            self.deadline = self._reaper.monotonic() + self._limits.write_wait
            self._transport.close()

    def hang_up(self) -> None:
        """We are leaving: cut the connection; a call under way counts as left by its client."""
        if self._transport is not None:
            self._transport.abort()

    def abort(self) -> None:
        """Cut the connection: the answer cannot be finished and must not look finished."""
        self.reader = None
        self._phase = _CLOSED
        if self._transport is not None:
            self._transport.abort()

    def refuse(self, status: int) -> None:
        """Answer what cannot even be read as a request, and close."""
        if self._transport is None or self._phase == _CLOSED:
            return
        self._phase, self._closing = _BUSY, True
        body = b'{"error":{"message":"%s","type":"invalid_request_error"}}' % REASONS[status]
        self.respond(status, b"content-type: application/json\r\n", body)


def _judge(
    headers: list[tuple[bytes, bytes]], known: dict[bytes, bytes], old: bool, cap: int
) -> int:
    """Return the status with which to refuse this head, or 0."""
    if len(known) != len(headers):
        names = [name for name, _ in headers]
        if any(names.count(name) > 1 for name in _SINGLE):
            return 400
    length = known.get(b"content-length")
    coding = known.get(b"transfer-encoding")
    if coding is not None:
        if coding.lower() != b"chunked":
            return 501
        if length is not None or old:
            return 400
    elif length is not None:
        if not length.isdigit():
            return 400
        if len(length) > 15 or int(length) > cap:
            return 413
    return 400 if b"host" not in known and not old else 0


def _size(headers: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers)
