"""A governed call, stage by stage: authenticate, attribute, route, reserve, send, settle, record.

Plain functions of a frozen call, an immutable snapshot and the worker's own allowance. None
of them reads a clock or does I/O; who calls them writes the records and moves the bytes.
Routing comes before reserving because the route's price says what to reserve.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from homarus.core import pricing
from homarus.gateway.formats.base import Ask, Format
from homarus.gateway.refusals import Refusal, Refused
from homarus.gateway.slices import Part, Purse, Slices
from homarus.gateway.snapshot import Key, Snapshot, Way, key_digest
from homarus.protocol import gateway as wire

Headers = list[tuple[bytes, bytes]]
Known = dict[bytes, bytes]
_BAD_KEY = Refusal(
    Refused.BAD_KEY, "This key is not known to the AI gateway. It may have been revoked."
)
_UNHEARD_KEY = Refusal(
    Refused.UNAVAILABLE,
    "This key is not known to the AI gateway, which cannot ask the control plane about it now.",
)
_NOT_PASSED = frozenset(
    (
        # hop by hop, or about our own connection
        b"connection keep-alive proxy-connection te trailer transfer-encoding upgrade expect "
        b"host content-length proxy-authorization proxy-authenticate forwarded "
        b"x-forwarded-for x-forwarded-proto x-forwarded-host x-real-ip via cookie "
        # ours to say
        b"authorization x-api-key api-key accept-encoding traceparent"
    ).split()
)
_NOT_RETURNED = frozenset(
    b"connection keep-alive transfer-encoding content-length trailer upgrade set-cookie "
    b"proxy-authenticate x-homarus-trace-id".split()
)


class Trace(msgspec.Struct, frozen=True, gc=False):
    """Ids of W3C trace context. A bot can forge the trace; it never decides who pays."""

    trace: str
    flags: str


class Plan(msgspec.Struct, frozen=True, gc=False):
    """Everything decided about a call before money is reserved."""

    key: Key
    ask: Ask
    format: Format
    way: Way
    input_tokens: int
    expected_output: int
    estimate: int


def authenticate(snapshot: Snapshot, headers: Known, *, current: bool) -> Key | Refusal:
    """Find whose key this is; a revoked, unknown or missing one is refused alike.

    While the snapshot is not ``current`` a key may be one that was given out since: its bot is
    told to try again, for clients take a refused key for a dead one.
    """
    bearer = headers.get(b"authorization", b"")
    if bearer[:7].lower() == b"bearer ":
        credential = bearer[7:].strip()
    else:
        credential = headers.get(b"x-api-key", b"")
    if not credential.startswith(b"hmb_"):
        return _BAD_KEY
    unknown = _BAD_KEY if current else _UNHEARD_KEY
    return snapshot.keys.get(key_digest(snapshot.pepper, credential), unknown)


def attribute(headers: Known, fresh_trace: Callable[[], str]) -> Trace:
    """Return the trace that the call belongs to: the client's if it sent a valid one."""
    value = headers.get(b"traceparent", b"")
    if len(value) == 55 and value.startswith(b"00-"):
        trace, parent, flags = value[3:35], value[36:52], value[53:55]
        shaped = value[35:36] == value[52:53] == b"-" and _is_hex(trace + parent + flags)
        if shaped and trace.strip(b"0") and parent.strip(b"0"):
            return Trace(trace.decode(), flags.decode())
    return Trace(fresh_trace(), "01")


def route(snapshot: Snapshot, key: Key, format_: Format, ask: Ask) -> Way | Refusal:
    """Return where the named model is served in this format."""
    if key.paused:
        return Refusal(Refused.PAUSED, "This bot is paused; resume it to let it call models.")
    way = snapshot.ways.get((key.workspace, ask.model, format_.name))
    if way is not None:
        return way
    names = snapshot.names.get(key.workspace, ())
    if ask.model in names:
        words = f"The model `{ask.model}` is not served in the {format_.name} format."
    else:
        words = f"No route is named `{ask.model}`. Known: {', '.join(names) or 'none yet'}."
    return Refusal(Refused.NO_ROUTE, words)


def plan(key: Key, format_: Format, ask: Ask, way: Way, *, usual_output: int) -> Plan:
    """Decide what the call is expected to use. ``usual_output`` is learned from earlier calls."""
    allowed = ask.max_output or way.route.max_output
    expected = min(usual_output, allowed)
    input_tokens = pricing.guess_input_tokens(len(ask.body))
    price = way.route.price
    estimate = (
        0
        if price is None
        else pricing.estimate(price, input_tokens=input_tokens, output_tokens=expected)
    )
    return Plan(key, ask, format_, way, input_tokens, expected, estimate)


def reserve(slices: Slices, purses: list[Purse], amount: int) -> list[Part] | Purse:
    """Reserve ``amount`` on every budget, or on none and return the one that lacks it."""
    return slices.reserve(purses, amount)


def output_limit(plan: Plan, purses: list[Purse]) -> int:
    """Return the clamp on output tokens that a nearly empty budget asks for; 0: none."""
    price = plan.way.route.price
    if price is None or not any(purse.low for purse in purses):
        return 0
    affordable = pricing.affordable_output(
        price, input_tokens=plan.input_tokens, amount=plan.estimate
    )
    allowed = plan.ask.max_output or plan.way.route.max_output
    return max(1, affordable) if affordable < allowed else 0


def send(plan: Plan, headers: Headers, trace: Trace, *, span: str, limit: int) -> bytes:
    """Return the whole request for the provider, head and body."""
    body = plan.format.write(plan.ask, model=plan.way.route.upstream_model, limit=limit)
    lines = [plan.way.head]
    for name, value in headers:
        if name not in _NOT_PASSED:
            lines.append(b"%b: %b\r\n" % (name, value))
    lines.append(
        b"traceparent: 00-%b-%b-%b\r\ncontent-length: %d\r\n\r\n"
        % (trace.trace.encode(), span.encode(), trace.flags.encode(), len(body))
    )
    lines.append(body)
    return b"".join(lines)


def returned_head(headers: Headers, trace: Trace) -> bytes:
    """Return the header lines of the answer for the client, without framing."""
    lines = [b"%b: %b\r\n" % line for line in headers if line[0] not in _NOT_RETURNED]
    lines.append(b"x-homarus-trace-id: %b\r\n" % trace.trace.encode())
    return b"".join(lines)


def settle(
    plan: Plan, parts: list[Part], usage: wire.Usage, now: float
) -> tuple[int, tuple[wire.Draw, ...]]:
    """Turn what was reserved into what it cost; the rest is free again."""
    price = plan.way.route.price
    cost = 0 if price is None else pricing.cost(price, usage)
    draws: list[wire.Draw] = []
    for part in parts:
        draws += part.purse.spend(part.draws, cost, now)
    return cost, tuple(draws)


def open_record(plan: Plan, parts: list[Part], trace: Trace, at: int) -> wire.Open:
    """Return the record that must be on disk before the provider hears of the call."""
    key, way = plan.key, plan.way
    return wire.Open(
        at,
        key.workspace,
        key.bot,
        key.generation,
        trace.trace,
        plan.ask.model,
        way.provider.id,
        way.route.upstream_model,
        plan.format.name,
        plan.ask.stream,
        way.provider.demo,
        "" if way.route.price is None else way.route.price.id,
        plan.estimate,
        draws(parts),
    )


def draws(parts: list[Part]) -> tuple[wire.Draw, ...]:
    """Return a reservation as records name it."""
    return tuple(
        wire.Draw(slice_.id, amount) for part in parts for slice_, amount in part.draws if amount
    )


def _is_hex(text: bytes) -> bool:
    return not text.strip(b"0123456789abcdef")
