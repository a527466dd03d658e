"""What the stages need of a format, and the editing of a body that leaves the rest alone."""

from __future__ import annotations

from typing import Protocol

import msgspec

from homarus.protocol.gateway import Usage

Members = dict[str, msgspec.Raw]
decode_members = msgspec.json.Decoder(Members).decode
_decode_text = msgspec.json.Decoder(str).decode
_decode_flag = msgspec.json.Decoder(bool).decode
_decode_count = msgspec.json.Decoder(int | None).decode
_SPACE = b" \t\r\n"


class Ask(msgspec.Struct, frozen=True, gc=False):
    """What a request body asks for. ``max_output`` 0: the client named no limit."""

    body: bytes
    members: Members
    model: str
    stream: bool
    max_output: int
    wants_usage: bool


class Meter(Protocol):
    """Watches one answer pass and learns its usage."""

    def feed(self, data: bytes) -> bytes:
        """Take what came and return what the client gets of it now."""
        ...

    def rest(self) -> bytes:
        """At the end: what was held back."""
        ...

    def usage(self) -> Usage | None:
        """The usage that the provider reported; None: it has not (yet)."""
        ...

    def produced(self) -> int:
        """Our guess at the output tokens that have passed."""
        ...


class Format(Protocol):
    """One format of model calls."""

    name: str

    def read(self, body: bytes) -> Ask:
        """Understand a request body.

        Raises:
            msgspec.MsgspecError: it is no JSON object, or a member we need is of a wrong type.
        """
        ...

    def write(self, ask: Ask, *, model: str, limit: int) -> bytes:
        """Return the body for the provider. ``limit`` > 0 caps the output tokens."""
        ...

    def meter(self, ask: Ask, *, stream: bool) -> Meter:
        """Return the meter of the answer; ``stream`` says what the provider really sends."""
        ...

    def authorize(self, secret: str) -> bytes:
        """Return the header line by which the provider knows us."""
        ...

    def error(self, *, status: int, kind: str, message: str) -> bytes:
        """Return an error document as this format's own service words it."""
        ...

    def error_event(self, *, kind: str, message: str) -> bytes:
        """Return the bytes that end a stream with an error."""
        ...


def text(members: Members, name: str) -> str:
    """Return a string member that must be there."""
    raw = members.get(name)
    if raw is None:
        raise msgspec.ValidationError(f"`{name}` is missing")
    return _decode_text(raw)


def flag(members: Members, name: str) -> bool:
    """Return a boolean member; absent means False."""
    raw = members.get(name)
    return False if raw is None else _decode_flag(raw)


def count(members: Members, name: str) -> int:
    """Return a number that is not negative; absent or null means 0."""
    raw = members.get(name)
    return 0 if raw is None else max(0, _decode_count(raw) or 0)


def edit(body: bytes, members: Members, changes: dict[str, bytes]) -> bytes:
    """Return ``body`` with the values of ``changes`` put in; every other byte stays.

    A body whose bytes say something else than ``members`` (a name twice, escapes in a
    name) is written anew from ``members``: what was judged is what is sent.
    """
    spans = _compact(body, members) or _walk(body, members)
    if spans is None:
        merged = {name: bytes(raw) for name, raw in members.items()} | changes
        return b"{%b}" % b",".join(
            msgspec.json.encode(name) + b":" + value for name, value in merged.items()
        )
    if not changes:
        return body
    pieces: list[bytes] = []
    done = 0
    for name, (start, end) in spans.items():
        change = changes.get(name)
        if change is not None:
            pieces += (body[done:start], change)
            done = end
    added = b"".join(
        b',"%b":%b' % (name.encode(), value)
        for name, value in changes.items()
        if name not in members
    )
    if added:
        brace = body.rindex(b"}")
        pieces += (body[done:brace], added)
        done = brace
    pieces.append(body[done:])
    return b"".join(pieces)


def _compact(body: bytes, members: Members) -> dict[str, tuple[int, int]] | None:
    """Return where each value lies, if ``body`` is exactly these members without spaces.

    A body needs at least these bytes to hold these members, so equal length is proof.
    """
    spans = {}
    at = 0
    for name, raw in members.items():
        start = at + len(name) + 4  # the brace or comma, two quotes, the colon
        at = start + memoryview(raw).nbytes
        spans[name] = (start, at)
    return spans if at + 1 == len(body) and "".join(members).isascii() else None


def _walk(body: bytes, members: Members) -> dict[str, tuple[int, int]] | None:
    """Return where each value lies, or None if ``body`` is not these members in this order."""
    spans = {}
    view = memoryview(body)
    at = 0
    before = b"{"
    for name, raw in members.items():
        quoted = b'"%b"' % name.encode()
        for token in (before, quoted, b":"):
            at = _skip(body, at)
            if body[at : at + len(token)] != token:
                return None
            at += len(token)
        at = _skip(body, at)
        value = memoryview(raw)
        if view[at : at + value.nbytes] != value:
            return None
        spans[name] = (at, at + value.nbytes)
        at += value.nbytes
        before = b","
    return spans if body[_skip(body, at) :].strip(_SPACE) == b"}" else None


def _skip(body: bytes, at: int) -> int:
    while body[at : at + 1] in (b" ", b"\t", b"\r", b"\n"):
        at += 1
    return at


class Lines:
    """Cuts a stream into lines, whatever its chunks; only an unfinished line is kept."""

    CAP = 1 << 20

    def __init__(self) -> None:
        self._tail = b""
        self.events = 0
        self.bytes = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that ``data`` completes, without their ends."""
        self.bytes += len(data)
        lines = (self._tail + data).split(b"\n") if self._tail else data.split(b"\n")
        self._tail = lines.pop()[: self.CAP]  # a longer line is no event that tells usage
        self.events += data.count(b"data:")
        return lines

    def tail(self) -> bytes:
        """The unfinished line."""
        return self._tail

    def produced(self) -> int:
        """About one token an event, and more where events carry long texts."""
        return self.events + max(0, self.bytes - 200 * self.events) // 4


class Whole:
    """Keeps a plain answer until its end, up to a cap."""

    CAP = 16 << 20

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        self._size += len(data)
        if self._size <= self.CAP:
            self._parts.append(data)

    def body(self) -> bytes:
        if self._size > self.CAP:
            return b""
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def produced(self) -> int:
        return self._size // 4
