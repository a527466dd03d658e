"""The world of the ledger's property tests: workers, spools, a control plane, and bad luck."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from homarus.core import budgets as rules
from homarus.core.specs import Period
from homarus.domains.call.tables import Call, Gateway, Spend
from homarus.errors import Unavailable
from homarus.gateway.link import Shipment, seal
from homarus.gateway.slices import Part, Slices
from homarus.gateway.spool import Kind, Spool
from homarus.kit.ids import new_id
from homarus.protocol import gateway as wire
from homarus.store.engine import Store
from homarus.testing.clock import VirtualClock
from homarus.testing.flaky_store import FlakyStore
from homarus.testing.gateway_plane import Plane

LIMIT = 100_000
SEGMENT = 8 << 10


@dataclass
class Under:
    """A call under way, as the test knows it."""

    seq: int
    parts: list[Part]
    estimate: int


@dataclass
class Hand:
    """One worker: what a gateway process holds, driven step by step."""

    id: str
    folder: Path
    spool: Spool
    shipment: Shipment
    slices: Slices = field(default_factory=Slices)
    calls: dict[int, Under] = field(default_factory=dict)
    unanswered: list[wire.LeaseAsk] = field(default_factory=list)
    synced: int = 0
    """Records that a power cut cannot take."""


class World:
    """The test's model beside the real thing."""

    def __init__(self, store: Store, clock: VirtualClock, folder: Path, seed: int) -> None:
        self.store = store
        self.clock = clock
        self.dice = random.Random(seed)
        self.flaky = FlakyStore(store, self.dice)
        self.plane = Plane.over(self.flaky, clock)
        self.books = Plane.over(store, clock)
        """For the judge, who looks whatever the weather."""
        self.folder = folder
        self.bot = f"bot_{seed}"
        self.budgets: list[wire.BudgetRow] = []
        self.hands: list[Hand] = []
        self.truth: dict[tuple[str, int], int] = {}
        """What each call must cost in the end."""
        self.dead: list[str] = []
        self.leftovers: list[Hand] = []
        """Sealed by a successor and not yet folded whole."""
        self.begun_while_away = 0
        self.same_slice_id = True
        self.write_open = True
        self._hello: wire.Hello

    async def furnish(self) -> None:
        gateway = new_id("gw", now=self.clock.now())
        async with self.store.begin() as session:
            session.add(
                Gateway(
                    id=gateway,
                    token_digest=gateway,
                    token_expires_at=self.clock.now(),
                    public_key="k",
                    created_at=self.clock.now(),
                )
            )
            for kind in ("bot", "workspace"):
                row = await self.plane.budgets.ensure(
                    session, self.bot, kind, f"{kind}_{self.bot}", LIMIT, Period.DAY, label=kind
                )
                self.budgets.append(wire.BudgetRow(row.id, kind, "day"))
        self._hello = wire.Hello(gateway, "", "", "boot", "node")

    # ---- steps

    async def step(self) -> None:
        steps: list[Callable[[Hand], object]] = [
            self.lease, self.lease, self.begin, self.begin, self.begin, self.end, self.end,
            self.top_up, self.ship, self.ship, self.ship_again, self.hand_back, self.sync,
        ]  # fmt: skip
        # The store comes back a little sooner than it goes: stretches of about ten steps.
        if self.dice.random() < (0.10 if self.flaky.down else 0.06):
            self.flaky.down = not self.flaky.down
        if self.leftovers and self.dice.random() < 0.3:
            await self.settle_leftovers()
        if len(self.hands) < 3 and self.dice.random() < 0.2:
            self.new_hand()
        if not self.hands:
            return
        hand = self.dice.choice(self.hands)
        fate = self.dice.random()
        if fate < 0.03:
            await self.kill(hand)
        elif fate < 0.05:
            await self.power_cut(hand)
        else:
            done = self.dice.choice(steps)(hand)
            if hasattr(done, "__await__"):
                await done

    def new_hand(self) -> None:
        worker = new_id("wrk", now=self.clock.now())
        folder = self.folder / worker
        spool = Spool(folder, segment_size=SEGMENT)
        self.hands.append(Hand(worker, folder, spool, Shipment(worker, spool)))

    def window(self, hand: Hand, budget: wire.BudgetRow) -> int:
        return hand.slices.window(budget, self.clock.now().timestamp())

    async def lease(self, hand: Hand) -> None:
        """Ask; the answer may be lost, and then the ask is repeated later."""
        if hand.unanswered and self.dice.random() < 0.5:
            ask = hand.unanswered.pop()
            if not self.same_slice_id:
                ask = wire.LeaseAsk(
                    new_id("slc", now=self.clock.now()), ask.budget, ask.window, ask.need, ask.want
                )
        else:
            budget = self.dice.choice(self.budgets)
            need = self.dice.randint(1, 4_000)
            ask = wire.LeaseAsk(
                new_id("slc", now=self.clock.now()),
                budget.id,
                self.window(hand, budget),
                need,
                need * self.dice.randint(1, 8),
            )
        try:
            granted = await self.plane.gateways.lease(ask, hand.id)
        except Unavailable:
            hand.unanswered.append(ask)
            return
        if self.dice.random() < 0.3:
            hand.unanswered.append(ask)
        elif granted.amount:
            hand.slices.grant(ask.budget, ask.window, ask.slice, granted.amount, low=granted.low)

    def begin(self, hand: Hand) -> None:
        purses = hand.slices.purses(tuple(self.budgets), self.clock.now().timestamp())
        estimate = self.dice.randint(1, 1_500)
        parts = hand.slices.reserve(purses, estimate)
        if isinstance(parts, list):
            record = wire.Open(
                1_700_000_000_000_000_000, self.bot, self.bot, 1, "t", "m", "p", "u", "openai",
                False, False, "prc", estimate, _draws(parts),
            )  # fmt: skip
            seq = hand.spool.seq + 1
            if self.write_open:
                seq = hand.spool.append(Kind.OPEN, wire.encode_record(record))
            hand.calls[seq] = Under(seq, parts, estimate)
            self.truth[hand.id, seq] = estimate
            self.begun_while_away += self.flaky.down

    def top_up(self, hand: Hand) -> None:
        if not hand.calls:
            return
        call = self.dice.choice(list(hand.calls.values()))
        more = self.dice.randint(1, 500)
        extra = hand.slices.reserve([part.purse for part in call.parts], more)
        if isinstance(extra, list):
            for part, added in zip(call.parts, extra, strict=True):
                part.draws += added.draws
            record = wire.Topup(call.seq, more, _draws(extra))
            hand.spool.append(Kind.TOPUP, wire.encode_record(record))
            call.estimate += more
            self.truth[hand.id, call.seq] = call.estimate

    def end(self, hand: Hand) -> None:
        if not hand.calls:
            return
        call = hand.calls.pop(self.dice.choice(list(hand.calls)))
        # Mostly cheaper than estimated; sometimes the estimate was wrong.
        cost = int(call.estimate * self.dice.choice([0, 0.2, 0.7, 1, 1, 1.6]))
        draws: list[wire.Draw] = []
        for part in call.parts:
            draws += part.purse.spend(part.draws, cost, self.clock.monotonic())
        record = wire.Close(
            call.seq, 1_700_000_001_000_000_000, 0, "done", 200, "", wire.Usage(), "reported",
            "prc", cost, tuple(draws),
        )  # fmt: skip
        hand.spool.append(Kind.CLOSE, wire.encode_record(record))
        self.truth[hand.id, call.seq] = cost

    def hand_back(self, hand: Hand) -> None:
        """What a recall does."""
        draws = hand.slices.surrender(self.dice.choice(self.budgets).id)
        if draws:
            hand.spool.append(Kind.RETURN, wire.encode_record(wire.Return(draws)))

    def sync(self, hand: Hand) -> None:
        hand.spool.sync()
        hand.synced = hand.spool.seq

    async def ship(self, hand: Hand) -> None:
        """Send the next batch; it may be lost, its answer may be, it may come twice."""
        records, after = hand.spool.read(hand.shipment.place, self.dice.randint(1, 30))
        if not records or self.dice.random() < 0.2:
            return
        first = after.seq - len(records) + 1
        decoded = tuple(wire.decode_record(record) for record in records)
        # What the control plane has must survive here too: it is synced before it is shipped.
        self.sync(hand)
        hand.shipment.next = after
        try:
            for _ in range(self.dice.choice([1, 1, 2])):
                folded = await self.fold(hand.id, first, decoded)
                assert not folded.gap
        except Unavailable:
            hand.shipment.again()
            return
        if self.dice.random() < 0.8:
            hand.shipment.acked(folded.acked)
        else:
            hand.shipment.again()

    async def ship_again(self, hand: Hand) -> None:
        """Batches out of order: an old one whole again, or one from the future."""
        records, after = hand.spool.read(hand.spool.start(), 1_000)
        decoded = tuple(wire.decode_record(record) for record in records)
        with suppress(Unavailable):
            if decoded and self.dice.random() < 0.5:
                self.sync(hand)
                await self.fold(hand.id, after.seq - len(decoded) + 1, decoded)
            elif decoded:
                folded = await self.fold(hand.id, after.seq + 2, decoded[-1:])
                assert folded.gap

    async def kill(self, hand: Hand) -> None:
        """kill -9: every record written is there; a successor seals and ships."""
        self.hands.remove(hand)
        hand.spool.close()
        await self._succeed(hand, crashed=False)

    async def power_cut(self, hand: Hand) -> None:
        """The machine is gone: what was not synced may be torn off anywhere."""
        self.hands.remove(hand)
        lost = self.dice.randint(0, 3)
        hand.spool.close()
        kept = _tear(hand, lost)
        self._forget(hand, kept)
        await self._succeed(hand, crashed=True)

    def _forget(self, hand: Hand, kept: list[wire.Record]) -> None:
        """Work out anew what the surviving records say."""
        self.truth = {key: cost for key, cost in self.truth.items() if key[0] != hand.id}
        for seq, record in enumerate(kept, 1):
            match record:
                case wire.Open():
                    self.truth[hand.id, seq] = record.estimate
                case wire.Topup():
                    self.truth[hand.id, record.call] += record.amount
                case wire.Close():
                    self.truth[hand.id, record.call] = record.cost
                case _:
                    pass

    async def _succeed(self, hand: Hand, *, crashed: bool) -> None:
        spool = Spool(hand.folder, segment_size=SEGMENT)
        seal(spool, crashed=crashed)
        self.leftovers.append(Hand(hand.id, hand.folder, spool, Shipment(hand.id, spool)))
        if crashed:
            self.dead.append(hand.id)
        await self.settle_leftovers()

    async def settle_leftovers(self) -> None:
        """Ship what dead workers left, as far as the store lets us."""
        with suppress(Unavailable):
            while self.leftovers:
                await self._ship_all(self.leftovers[0])
                self.leftovers.pop(0).spool.destroy()

    async def _ship_all(self, hand: Hand) -> None:
        while not hand.shipment.done:
            records, after = hand.spool.read(hand.shipment.place, 50)
            first = after.seq - len(records) + 1
            decoded = tuple(wire.decode_record(record) for record in records)
            folded = await self.fold(hand.id, first, decoded)
            assert folded.acked >= after.seq
            hand.shipment.next = after
            hand.shipment.acked(folded.acked)

    async def fold(self, worker: str, first: int, records: tuple[wire.Record, ...]):  # type: ignore[no-untyped-def]
        return await self.plane.gateways.ship(self._hello, wire.Ship(worker, first, records))

    # ---- judging

    async def check(self) -> None:
        """What holds at every moment."""
        mine = {budget.id for budget in self.budgets}
        slices = [row for row in await self.books.slices() if row.budget_id in mine]
        for window in await self.books.windows():
            if window.budget_id not in mine:
                continue
            held = [row for row in slices if row.budget_id == window.budget_id]
            assert window.spent + window.exposure <= LIMIT + window.overdraft
            assert window.spent == sum(row.used for row in held)
            assert window.exposure == sum(
                rules.exposure(row.amount, row.used) for row in held if row.state != "closed"
            )
            assert window.overdraft == sum(rules.overrun(row.amount, row.used) for row in held)

    async def agree(self, hand: Hand) -> None:
        """With everything shipped and answered, both sides count the same allowance."""
        while hand.unanswered:
            ask = hand.unanswered.pop()
            if not self.same_slice_id:
                ask = wire.LeaseAsk(
                    new_id("slc", now=self.clock.now()), ask.budget, ask.window, ask.need, ask.want
                )
            granted = await self.plane.gateways.lease(ask, hand.id)
            if granted.amount:
                hand.slices.grant(ask.budget, ask.window, ask.slice, granted.amount, low=False)
        while hand.calls:
            self.end(hand)
        await self._ship_all(hand)
        for budget in self.budgets:
            ours = hand.slices.purse(budget.id, self.window(hand, budget)).free
            theirs = sum(
                rules.exposure(row.amount, row.used)
                for row in await self.books.slices()
                if row.worker_id == hand.id and row.budget_id == budget.id
            )
            assert ours == theirs

    async def finish(self) -> None:
        """The store is back and everybody ends in order: the books balance to the nano-dollar."""
        self.flaky.down = False
        await self.settle_leftovers()
        for hand in list(self.hands):
            await self.agree(hand)
            await self.kill(hand)
        async with self.store.read() as session:
            calls = (await session.scalars(select(Call).where(Call.bot_id == self.bot))).all()
            spend = (await session.scalars(select(Spend).where(Spend.bot_id == self.bot))).all()
        assert {(call.worker_id, call.seq): call.cost_nano for call in calls} == self.truth
        assert not [call for call in calls if call.state == "open"]
        total = sum(self.truth.values())
        assert sum(row.cost_nano for row in spend) == total
        assert sum(row.calls for row in spend) == len(calls)
        for worker in self.dead:
            async with self.store.begin() as session:
                await self.plane.budgets.release(session, worker)
        await self.check()
        mine = {budget.id for budget in self.budgets}
        windows = [row for row in await self.books.windows() if row.budget_id in mine]
        assert all(window.exposure == 0 for window in windows)
        assert {window.spent for window in windows} <= {total}


def _draws(parts: list[Part]) -> tuple[wire.Draw, ...]:
    return tuple(wire.Draw(s.id, amount) for part in parts for s, amount in part.draws)


def _tear(hand: Hand, lost: int) -> list[wire.Record]:
    """Tear up to ``lost`` unsynced records off the last segment; return what is left of all."""
    reader = Spool(hand.folder, segment_size=SEGMENT)
    last = max(hand.folder.glob("*.seg"))
    raw, after = reader.read(reader.start(), 100_000)
    reader.close()
    # Records that were forgotten here are folded there; only a whole spool can be judged.
    tearable = min(lost, after.seq - hand.synced, len(raw))
    if tearable and after.seq == len(raw):
        end = after.offset - sum(17 + len(record) for record in raw[-tearable:])
        if end > 0:
            with last.open("r+b") as file:
                file.truncate(end + 5)  # a torn head is left behind
                file.truncate(SEGMENT)
            raw = raw[:-tearable]
    return [wire.decode_record(record) for record in raw]
