"""One governed call under way: the stages in order, moved along by what the wire reports.

Callbacks, not a task: a call costs no scheduling. Every path ends in exactly one `_close`
once the OPEN record is written.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from homarus.gateway import refusals, stages
from homarus.gateway.formats.base import Format, Meter
from homarus.gateway.leases import Word
from homarus.gateway.refusals import Refusal, Refused
from homarus.gateway.slices import Part, Purse
from homarus.gateway.spool import Kind
from homarus.gateway.wire.inbound import Inbound, Request
from homarus.gateway.wire.outbound import Fault, Outbound, Pool
from homarus.gateway.worker import Worker
from homarus.protocol import gateway as wire

_NOTHING = wire.Usage()
_ASKS = 4


class Exchange:
    """See the module. `begin` starts it; the connection's callbacks do the rest."""

    __slots__ = (
        "_asks",
        "_begun",
        "_cancel",
        "_chunked",
        "_client",
        "_connection",
        "_denied",
        "_first_at",
        "_format",
        "_head",
        "_meter",
        "_opened",
        "_over",
        "_parts",
        "_plan",
        "_pool",
        "_request",
        "_resent",
        "_reserved_output",
        "_sent",
        "_status",
        "_topping",
        "_trace",
        "_worker",
    )  # fmt: skip

    _plan: stages.Plan
    _trace: stages.Trace

    def __init__(self, worker: Worker, pool: Pool, client: Inbound, format_: Format) -> None:
        self._worker = worker
        self._pool = pool
        self._client = client
        self._format = format_
        self._connection: Outbound | None = None
        self._cancel: Callable[[], None] | None = None
        self._meter: Meter | None = None
        self._parts: list[Part] = []
        self._sent = b""
        self._head = b""
        self._opened = self._status = self._first_at = self._asks = self._reserved_output = 0
        self._chunked = self._resent = self._denied = self._over = self._topping = False
        self._begun = worker.clock.monotonic()

    # ---- until the provider hears of it

    def begin(self, request: Request) -> None:
        """Decide about the call, and send it along or refuse it."""
        self._client.reader = self
        worker = self._worker
        snapshot = worker.snapshot
        obstacle = worker.obstacle()
        if obstacle or snapshot is None:
            self._answer(Refusal(Refused.UNAVAILABLE, obstacle))
            return
        key = stages.authenticate(snapshot, request.known, current=worker.current)
        if isinstance(key, Refusal):
            self._answer(key)
            return
        self._trace = stages.attribute(request.known, worker.trace_id)
        try:
            ask = self._format.read(request.body)
        except msgspec.MsgspecError as fault:
            self._refuse(Refusal(Refused.BAD_REQUEST, f"The request body is not valid: {fault}"))
            return
        way = stages.route(snapshot, key, self._format, ask)
        if isinstance(way, Refusal):
            self._refuse(way)
            return
        usual = worker.usual(key.bot, ask.model).p95
        self._plan = stages.plan(key, self._format, ask, way, usual_output=usual)
        self._reserve(request)

    def _reserve(self, request: Request) -> None:
        worker = self._worker
        plan = self._plan
        purses = worker.slices.purses(plan.key.budgets, worker.ruling_now())
        parts = stages.reserve(worker.slices, purses, plan.estimate)
        if not isinstance(parts, list):
            lacking = parts
            self._asks += 1
            if self._asks > _ASKS:
                self._broke(Word.EMPTY, lacking)
                return

            def wake(word: Word) -> None:
                self._cancel = None
                if word is Word.TRY_AGAIN:
                    self._reserve(request)
                else:
                    self._broke(word, lacking)

            self._cancel = lambda: worker.leases.forget(wake)
            worker.leases.want(lacking, plan.estimate, wake)
            return
        worker.stock_up(purses)
        self._parts = parts
        limit = stages.output_limit(plan, purses)
        self._reserved_output = limit or plan.expected_output
        opened = stages.open_record(plan, parts, self._trace, worker.wall_ns())
        self._opened = worker.record(Kind.OPEN, opened)
        if not self._opened:
            stages.settle(plan, parts, _NOTHING, self._begun)
            self._refuse(Refusal(Refused.UNAVAILABLE, worker.obstacle()))
            return
        worker.cells.in_flight += 1
        self._sent = stages.send(
            plan, request.headers, self._trace, span=worker.span_id(), limit=limit
        )
        self._connect(fresh=False)

    def _broke(self, word: Word, lacking: Purse) -> None:
        if word is Word.AWAY:
            words = "The AI gateway cannot reach the control plane for more allowance."
            self._refuse(Refusal(Refused.UNAVAILABLE, words))
            return
        labels = {row.id: row.label for row in self._plan.key.budgets}
        left = lacking.left + lacking.free
        words = refusals.budget_words(labels[lacking.budget], self._plan.estimate, left)
        self._refuse(Refusal(Refused.BUDGET, words))

    def _refuse(self, refusal: Refusal) -> None:
        """Answer ourselves. Nothing was sent, or nothing usable came back."""
        self._worker.said.keep(self._trace.trace, refusal.message)
        self._answer(refusal)

    def _answer(self, refusal: Refusal) -> None:
        self._over = True
        self._worker.cells.refused(refusal.reason)
        name = self._format.name
        status = refusals.status(refusal.reason, name)
        body = self._format.error(status=status, kind=refusal.reason, message=refusal.message)
        self._client.respond(status, refusals.head(refusal.reason), body)

    # ---- the provider's side

    def _connect(self, *, fresh: bool) -> None:
        self._cancel = self._pool.take(self._plan.way.origin, self, fresh=fresh)

    def on_connection(self, connection: Outbound) -> None:
        self._cancel = None
        self._connection = connection
        connection.ask(self, self._sent)

    def on_head(self, status: int, headers: stages.Headers) -> None:
        self._status = status
        self._first_at = self._worker.wall_ns()
        if status in (401, 403):
            self._denied = True  # our key is at fault, not the bot's: its answer is ours
            return
        length = b""
        stream = False
        for name, value in headers:
            if name == b"content-length":
                length = value
            elif name == b"content-type":
                stream = value.startswith(b"text/event-stream")
        self._meter = self._format.meter(self._plan.ask, stream=stream)
        self._chunked = False
        head = stages.returned_head(headers, self._trace)
        if length and not stream:
            # Head and body mostly come together; one write for both.
            self._head = b"%bcontent-length: %b\r\n" % (head, length)
        elif status in (204, 304):
            self._client.start(status, head)
        elif self._client.old:
            self._client.close_after()
            self._client.start(status, head)
        else:
            self._chunked = True
            self._client.start(status, head + b"transfer-encoding: chunked\r\n")

    def on_data(self, data: bytes) -> None:
        if self._denied or self._meter is None or self._over:
            return
        data = self._meter.feed(data)
        if not data:
            return
        if self._chunked:
            self._client.send(b"%x\r\n%b\r\n" % (len(data), data))
            if self._plan.ask.stream and not self._topping:
                self._watch()
        elif self._head:
            self._client.start(self._status, self._head, data)
            self._head = b""
        else:
            self._client.send(data)

    def on_done(self) -> None:
        self._connection = None
        if self._over:
            return
        if self._denied:
            self._close("failed", fault="provider_key")
            name = self._plan.way.provider.name
            words = (
                f"The provider `{name}` refused the key that Homarus holds for it. "
                f"An operator can look: homarus provider check {name}."
            )
            self._refuse(Refusal(Refused.UPSTREAM_KEY, words))
            return
        if self._head:  # an answer without a body
            self._client.start(self._status, self._head)
        self._close("done" if self._status < 400 else "failed")
        if self._chunked and self._meter is not None:
            rest = self._meter.rest()
            ending = b"0\r\n\r\n"
            self._client.send(b"%x\r\n%b\r\n%b" % (len(rest), rest, ending) if rest else ending)
        self._client.finish()

    def on_fault(self, fault: Fault) -> None:
        self._connection = self._cancel = None
        if self._over:
            return
        if fault is Fault.STALE and not self._resent:
            self._resent = True
            self._worker.cells.retries += 1
            self._connect(fresh=True)
            return
        self._close("failed", fault=fault)
        if self._status == 0 or self._denied or self._head:
            slow = fault is Fault.TIMEOUT
            name = self._plan.way.provider.name
            words = f"The provider `{name}` cannot be reached: {fault}."
            reason = Refused.UPSTREAM_SLOW if slow else Refused.UPSTREAM
            self._refuse(Refusal(reason, words))
        elif self._chunked and self._plan.ask.stream:
            self._end_stream(Refused.UPSTREAM, "The provider's answer broke off.")
        else:
            self._client.abort()

    # ---- while it streams

    def _watch(self) -> None:
        """Reserve more before the answer grows beyond what is reserved; cut it if we cannot."""
        meter, price = self._meter, self._plan.way.route.price
        if meter is None or price is None or meter.produced() * 5 < self._reserved_output * 4:
            return
        more = max(64, self._plan.expected_output)
        amount = -(-price.output * more // 1_000_000)
        purses = [part.purse for part in self._parts]
        parts = stages.reserve(self._worker.slices, purses, amount)
        if isinstance(parts, list):
            self._topping = False
            self._reserved_output += more
            for part, extra in zip(self._parts, parts, strict=True):
                part.draws += extra.draws
            topup = wire.Topup(self._opened, amount, stages.draws(parts))
            self._worker.record(Kind.TOPUP, topup)
            return
        lacking = parts

        def wake(word: Word) -> None:
            self._cancel = None
            self._topping = False
            if self._over:
                return
            if word is Word.TRY_AGAIN:
                self._watch()
            else:
                self._cut(lacking.budget)

        self._topping = True
        self._cancel = lambda: self._worker.leases.forget(wake)
        self._worker.leases.want(lacking, amount, wake)

    def _cut(self, budget: str) -> None:
        if self._connection is not None:
            self._connection.drop()
            self._connection = None
        self._close("cut", fault="budget")
        self._worker.cells.refused(Refused.BUDGET)
        labels = {row.id: row.label for row in self._plan.key.budgets}
        self._end_stream(Refused.BUDGET, f"The budget of {labels[budget]} ran out in mid-answer.")

    def _end_stream(self, reason: Refused, message: str) -> None:
        event = self._format.error_event(kind=reason, message=message)
        self._client.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(event), event))
        self._client.close_after()
        self._client.finish()

    # ---- the client's side

    def client_gone(self) -> None:
        if self._over:
            return
        if self._cancel is not None:
            self._cancel()
        if self._connection is not None:
            self._connection.drop()
        if self._opened:
            self._close("cancelled")
        self._over = True

    def hold(self, held: bool) -> None:
        if self._connection is not None:
            self._connection.hold(held)

    # ---- the end

    def _close(self, outcome: str, *, fault: str = "") -> None:
        self._over = True
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        worker, plan = self._worker, self._plan
        usage, source = self._used(outcome, fault)
        now = worker.clock.monotonic()
        cost, draws = stages.settle(plan, self._parts, usage, now)
        price = plan.way.route.price
        closed = wire.Close(
            self._opened,
            worker.wall_ns(),
            self._first_at,
            outcome,
            self._status,
            fault,
            usage,
            source,
            "" if price is None else price.id,
            cost,
            draws,
        )
        worker.record(Kind.CLOSE, closed)
        cells = worker.cells
        cells.in_flight -= 1
        cells.closed(plan.format.name, outcome, now - self._begun)
        cells.cost += cost
        cells.unpriced += price is None
        tokens = cells.tokens
        tokens["input"] += usage.input
        tokens["cached_read"] += usage.cached_read
        tokens["cache_write"] += usage.cache_write
        tokens["output"] += usage.output
        if source == "reported":
            worker.usual(plan.key.bot, plan.ask.model).learn(usage.output)

    def _used(self, outcome: str, fault: str) -> tuple[wire.Usage, str]:
        """Return what the call used, and how we know."""
        reported = None if self._meter is None else self._meter.usage()
        if reported is not None:
            return reported, "reported"
        never_heard = self._connection is None and self._status == 0 and outcome == "cancelled"
        if self._denied or fault == Fault.CONNECT or never_heard or self._status >= 400:
            return _NOTHING, "none"
        produced = 0 if self._meter is None else self._meter.produced()
        return wire.Usage(input=self._plan.input_tokens, output=produced), "estimated"
