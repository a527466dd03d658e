"""Anthropic messages."""

from __future__ import annotations

import msgspec

from homarus.gateway.formats import base
from homarus.gateway.formats.base import Ask, Lines, Meter, Whole
from homarus.protocol.gateway import Usage

_KINDS = {
    "bad_key": "authentication_error",
    "budget": "billing_error",
    "no_route": "not_found_error",
    "unavailable": "overloaded_error",
    "upstream": "api_error",
    "too_large": "request_too_large",
}


class _Usage(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens: int | None = None


class _Message(msgspec.Struct, gc=False):
    usage: _Usage | None = None


class _Event(msgspec.Struct, gc=False):
    usage: _Usage | None = None
    message: _Message | None = None


_decode = msgspec.json.Decoder(_Event).decode


class Anthropic:
    """See `homarus.gateway.formats.base.Format`."""

    name = "anthropic"

    def read(self, body: bytes) -> Ask:
        members = base.decode_members(body)
        return Ask(
            body,
            members,
            base.text(members, "model"),
            base.flag(members, "stream"),
            base.count(members, "max_tokens"),
            True,
        )

    def write(self, ask: Ask, *, model: str, limit: int) -> bytes:
        changes: dict[str, bytes] = {}
        if model != ask.model:
            changes["model"] = msgspec.json.encode(model)
        if limit:
            changes["max_tokens"] = b"%d" % limit
        return base.edit(ask.body, ask.members, changes)

    def meter(self, ask: Ask, *, stream: bool) -> Meter:
        return _Stream() if stream else _Plain()

    def authorize(self, secret: str) -> bytes:
        return b"x-api-key: %b\r\n" % secret.encode()

    def error(self, *, status: int, kind: str, message: str) -> bytes:
        type_ = _KINDS.get(kind, "invalid_request_error")
        return msgspec.json.encode({"type": "error", "error": {"type": type_, "message": message}})

    def error_event(self, *, kind: str, message: str) -> bytes:
        document = self.error(status=0, kind=kind, message=message)
        return b"event: error\ndata: %b\n\n" % document


class _Tally:
    """Usage comes in parts: input with the start, output (cumulative) with each delta."""

    def __init__(self) -> None:
        self._parts: dict[str, int] = {}

    def add(self, data: bytes) -> None:
        try:
            event = _decode(data)
        except msgspec.MsgspecError:
            return  # not an event of this format: it tells nothing
        found = event.usage or (event.message and event.message.usage)
        if found:
            for name, value in msgspec.structs.asdict(found).items():
                if value is not None:
                    self._parts[name] = max(0, value)

    def usage(self) -> Usage | None:
        parts = self._parts
        if "output_tokens" not in parts:
            return None
        return Usage(
            input=parts.get("input_tokens", 0),
            cached_read=parts.get("cache_read_input_tokens", 0),
            cache_write=parts.get("cache_creation_input_tokens", 0),
            output=parts["output_tokens"],
        )


class _Plain:
    def __init__(self) -> None:
        self._whole = Whole()
        self.produced = self._whole.produced

    def feed(self, data: bytes) -> bytes:
        self._whole.feed(data)
        return data

    def rest(self) -> bytes:
        return b""

    def usage(self) -> Usage | None:
        tally = _Tally()
        tally.add(self._whole.body())
        return tally.usage()


class _Stream:
    """Usage counts as reported only with the final delta, whose output is complete."""

    def __init__(self) -> None:
        self._lines = Lines()
        self.produced = self._lines.produced
        self._tally = _Tally()
        self._final = False

    def feed(self, data: bytes) -> bytes:
        for line in self._lines.feed(data):
            if b'"usage"' in line and line.startswith(b"data:"):
                self._tally.add(line[5:])
                self._final = self._final or b'"message_delta"' in line
        return data

    def rest(self) -> bytes:
        return b""

    def usage(self) -> Usage | None:
        return self._tally.usage() if self._final else None
