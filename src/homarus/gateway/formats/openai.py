"""OpenAI chat completions."""

from __future__ import annotations

import msgspec

from homarus.gateway.formats import base
from homarus.gateway.formats.base import Ask, Lines, Meter, Whole
from homarus.protocol.gateway import Usage

_KINDS = {
    "bad_key": ("invalid_request_error", "invalid_api_key"),
    "budget": ("invalid_request_error", "budget_exceeded"),
    "no_route": ("invalid_request_error", "model_not_found"),
    "unavailable": ("server_error", "unavailable"),
    "upstream": ("server_error", "provider_unreachable"),
}


class _InDetails(msgspec.Struct, gc=False):
    cached_tokens: int | None = None


class _OutDetails(msgspec.Struct, gc=False):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _InDetails | None = None
    completion_tokens_details: _OutDetails | None = None


class _Answer(msgspec.Struct, gc=False):
    usage: _Usage | None = None
    choices: list[msgspec.Raw] | None = None


class _StreamOptions(msgspec.Struct, gc=False):
    include_usage: bool = False


_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_options = msgspec.json.Decoder(_StreamOptions | None).decode


def _usage(found: _Usage) -> Usage:
    cached = found.prompt_tokens_details and found.prompt_tokens_details.cached_tokens
    reasoning = found.completion_tokens_details and found.completion_tokens_details.reasoning_tokens
    return Usage(
        input=max(0, found.prompt_tokens - (cached or 0)),
        cached_read=cached or 0,
        output=max(0, found.completion_tokens),
        reasoning=reasoning or 0,
    )


class OpenAI:
    """See `homarus.gateway.formats.base.Format`."""

    name = "openai"

    def read(self, body: bytes) -> Ask:
        members = base.decode_members(body)
        stream = base.flag(members, "stream")
        wants_usage = True
        if stream:
            raw = members.get("stream_options")
            options = None if raw is None else _decode_options(raw)
            wants_usage = options is not None and options.include_usage
        limit = base.count(members, "max_completion_tokens") or base.count(members, "max_tokens")
        return Ask(body, members, base.text(members, "model"), stream, limit, wants_usage)

    def write(self, ask: Ask, *, model: str, limit: int) -> bytes:
        changes: dict[str, bytes] = {}
        members = ask.members
        if model != ask.model:
            changes["model"] = msgspec.json.encode(model)
        if ask.stream and not ask.wants_usage:
            raw = members.get("stream_options", msgspec.Raw(b"null"))
            options = msgspec.json.decode(raw, type=dict[str, msgspec.Raw] | None) or {}
            options["include_usage"] = msgspec.Raw(b"true")
            changes["stream_options"] = msgspec.json.encode(options)
        if limit:
            old = "max_tokens" in members and "max_completion_tokens" not in members
            changes["max_tokens" if old else "max_completion_tokens"] = b"%d" % limit
        return base.edit(ask.body, members, changes)

    def meter(self, ask: Ask, *, stream: bool) -> Meter:
        if not stream:
            return _Plain()
        return _Stream() if ask.wants_usage else _Stripping()

    def authorize(self, secret: str) -> bytes:
        return b"authorization: Bearer %b\r\n" % secret.encode()

    def error(self, *, status: int, kind: str, message: str) -> bytes:
        type_, code = _KINDS.get(kind, ("invalid_request_error", kind))
        return msgspec.json.encode(
            {"error": {"message": message, "type": type_, "param": None, "code": code}}
        )

    def error_event(self, *, kind: str, message: str) -> bytes:
        return b"data: %b\n\n" % self.error(status=0, kind=kind, message=message)


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
        try:
            found = _decode_answer(self._whole.body()).usage
        except msgspec.MsgspecError:
            return None  # not what the format promises: the caller estimates
        return None if found is None else _usage(found)


class _Stream:
    """Passes everything on at once; reads usage on the side."""

    def __init__(self) -> None:
        self._lines = Lines()
        self.produced = self._lines.produced
        self._found: Usage | None = None

    def feed(self, data: bytes) -> bytes:
        for line in self._lines.feed(data):
            if b'"usage"' in line:
                self._look(line)
        return data

    def rest(self) -> bytes:
        return b""

    def usage(self) -> Usage | None:
        return self._found

    def _look(self, line: bytes) -> bool:
        """Take the usage out of an event's line; say whether that is all the event holds."""
        if not line.startswith(b"data:"):
            return False
        try:
            event = _decode_answer(line[5:])
        except msgspec.MsgspecError:
            return False
        if event.usage is None:
            return False
        self._found = _usage(event.usage)
        return not event.choices


class _Stripping(_Stream):
    """For a client that did not ask for usage: takes the extra event out again.

    Whole events pass on at once; only an unfinished one waits for its end.
    """

    def __init__(self) -> None:
        super().__init__()
        self._event: list[bytes] = []
        self._drop = False

    def feed(self, data: bytes) -> bytes:
        out: list[bytes] = []
        for line in self._lines.feed(data):
            self._event.append(line)
            if b'"usage"' in line and self._look(line):
                self._drop = True
            if line in (b"", b"\r"):
                if not self._drop:
                    out.append(b"\n".join(self._event) + b"\n")
                self._event, self._drop = [], False
        return b"".join(out)

    def rest(self) -> bytes:
        tail = self._lines.tail()
        if self._drop or (b'"usage"' in tail and self._look(tail)):
            return b""
        return b"\n".join([*self._event, tail])
