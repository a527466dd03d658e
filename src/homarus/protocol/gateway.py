"""The gateway dialect, version 1: what an AI gateway and the control plane say.

A session: the control plane sends `Challenge`; the gateway answers `Hello`, naming its worker
(one per process start, one spool each); the control plane answers `Welcome` and a whole
`Snapshot`, then `Delta`s. Money is asked for (`LeaseAsk`), records are shipped (`Ship`) and
acknowledged; a resent batch changes nothing. Closing codes: 4401 identity, 4409 replaced by a
newer session, 4426 version.

Ledger records are the same bytes in a worker's spool and in a `Ship`. A record's number is
its place: ``from_seq`` plus its index. Money is nano-dollars, moments are nanoseconds since
1970 by the gateway's own clock.
"""

from __future__ import annotations

import msgspec

VERSIONS = (1, 1)
"""[min, max] that this code speaks."""
MAX_FRAME = 8 << 20
MAX_BATCH = 1000
CLOSE_IDENTITY, CLOSE_REPLACED, CLOSE_VERSION = 4401, 4409, 4426


# ---- ledger records


class Draw(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """``amount`` of one slice."""

    slice: str
    amount: int


class Open(msgspec.Struct, frozen=True, array_like=True, tag="open", gc=False):
    """A call is about to be sent. Written before the first byte of it."""

    at: int
    workspace: str
    bot: str
    generation: int
    trace: str
    model: str
    """The route that the client named."""
    provider: str
    upstream_model: str
    format: str
    stream: bool
    demo: bool
    price: str
    estimate: int
    """What the call is expected to cost; ``draws`` sets so much aside on every budget."""
    draws: tuple[Draw, ...]


class Topup(msgspec.Struct, frozen=True, array_like=True, tag="topup", gc=False):
    """More was reserved for the call opened by record ``call``."""

    call: int
    amount: int
    draws: tuple[Draw, ...]


class Usage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Tokens by class. ``reasoning`` is a part of ``output``; the others do not overlap."""

    input: int = 0
    cached_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0


class Close(msgspec.Struct, frozen=True, array_like=True, tag="close", gc=False):
    """The call opened by record ``call`` has ended; ``draws`` is what it cost, per slice.

    outcome: ``done``, ``failed`` (the provider said no, or the answer broke off), ``cancelled``
    (the client left), ``cut`` (the budget ran out in mid-stream). source: ``reported`` by the
    provider, ``estimated`` by us, or ``none`` (nothing was used). A call without a ``price``
    is unpriced, which is not the same as free.
    """

    call: int
    at: int
    first_at: int
    """When the answer's first byte came; 0: never."""
    outcome: str
    status: int
    fault: str
    usage: Usage
    source: str
    price: str
    cost: int
    draws: tuple[Draw, ...]


class Return(msgspec.Struct, frozen=True, array_like=True, tag="return", gc=False):
    """The worker gives back what it will not use of these slices."""

    draws: tuple[Draw, ...]


class Seal(msgspec.Struct, frozen=True, array_like=True, tag="seal", gc=False):
    """The last record of a worker. ``crashed``: the machine went down, its tail may be lost."""

    crashed: bool


Record = Open | Topup | Close | Return | Seal
encode_record = msgspec.json.Encoder().encode
decode_record = msgspec.json.Decoder(Record).decode


# ---- snapshot rows


class KeyRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bot key, known by its keyed digest only."""

    digest: str
    workspace: str
    bot: str
    generation: int
    paused: bool
    budgets: tuple[str, ...]
    """Every budget that a call with this key draws on: all or none."""


class BudgetRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    label: str
    """For the refusal: ``bot hello``, ``workspace main``."""
    period: str


class ProviderRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str
    formats: tuple[str, ...]
    """Some of ``openai``, ``anthropic``."""
    base_url: str
    secret: str
    demo: bool


class PriceRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nano-dollars per million tokens of each class."""

    id: str
    input: int
    cached_read: int
    cache_write: int
    output: int


class RouteRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    workspace: str
    name: str
    provider: str
    upstream_model: str
    max_output: int
    """The most tokens that the model answers with when the client names no limit."""
    price: PriceRow | None


class Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: tuple[KeyRow, ...] = ()
    budgets: tuple[BudgetRow, ...] = ()
    providers: tuple[ProviderRow, ...] = ()
    routes: tuple[RouteRow, ...] = ()


# ---- control plane -> gateway


class Challenge(msgspec.Struct, frozen=True, tag="challenge"):
    nonce: str
    versions: tuple[int, int] = VERSIONS


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    server_time: int
    """Nanoseconds since 1970 by the control plane's clock, which rules the windows."""
    acked: int
    """Highest record of the worker that is folded."""
    pepper: str
    """Hex key of the digests in `KeyRow`."""


class Snapshot(msgspec.Struct, frozen=True, tag="snapshot"):
    """Everything, as of ``version``."""

    version: int
    tables: Tables


class Delta(msgspec.Struct, frozen=True, tag="delta"):
    """From ``base`` to ``version``. Revocations come first, in a delta of their own.

    ``removed`` lists (table, id); rows in ``tables`` replace those with their id.
    """

    base: int
    version: int
    tables: Tables = Tables()
    removed: tuple[tuple[str, str], ...] = ()


class Lease(msgspec.Struct, frozen=True, tag="lease"):
    """Answer to `LeaseAsk`. ``amount`` 0: refused for ``reason``."""

    re: str
    amount: int
    reason: str = ""
    low: bool = False
    """Little is left in the window: limit each answer to what is reserved for it."""
    left: int = 0
    """With a refusal: what is left all the same, too little for what was asked."""


class Acked(msgspec.Struct, frozen=True, tag="acked"):
    """Records of ``worker`` up to ``seq`` are folded; the spool may forget them."""

    worker: str
    seq: int


class Gap(msgspec.Struct, frozen=True, tag="gap"):
    """The batch did not follow ``acked``; ship again from there."""

    worker: str
    acked: int


class Recall(msgspec.Struct, frozen=True, tag="recall"):
    """Give back what is idle of this budget's slices, now."""

    budget: str


# ---- gateway -> control plane


class Hello(msgspec.Struct, frozen=True, tag="hello", forbid_unknown_fields=True):
    subject: str
    signature: str
    worker: str
    boot_id: str
    node: str
    versions: tuple[int, int] = VERSIONS


class LeaseAsk(msgspec.Struct, frozen=True, tag="lease_ask", forbid_unknown_fields=True):
    """Ask for ``want``, at least ``need``. A repeated ask (same ``slice``) has one answer."""

    slice: str
    budget: str
    window: int
    """Start of the window in seconds since 1970, in control-plane time."""
    need: int
    want: int


class Ship(msgspec.Struct, frozen=True, tag="ship", forbid_unknown_fields=True):
    """Records of ``worker``, which may be a predecessor whose spool was found."""

    worker: str
    from_seq: int
    records: tuple[Record, ...]


class Applied(msgspec.Struct, frozen=True, tag="applied", forbid_unknown_fields=True):
    """Calls that begin from now on obey ``version``: revoked keys are dead."""

    version: int


ToGateway = Challenge | Welcome | Snapshot | Delta | Lease | Acked | Gap | Recall
ToControl = Hello | LeaseAsk | Ship | Applied

encode = msgspec.json.Encoder().encode
decode_to_gateway = msgspec.json.Decoder(ToGateway).decode
decode_to_control = msgspec.json.Decoder(ToControl).decode


def encode_ship(worker: str, from_seq: int, records: list[bytes]) -> bytes:
    """Return the frame of a `Ship` made of records as they lie in the spool."""
    return b'{"type":"ship","worker":"%b","from_seq":%d,"records":[%b]}' % (
        worker.encode(),
        from_seq,
        b",".join(records),
    )
