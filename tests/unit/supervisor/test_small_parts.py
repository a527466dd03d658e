import itertools
import os
from pathlib import Path

import msgspec
import pytest

from homarus.errors import Unavailable
from homarus.protocol.supervisor import RunState
from homarus.supervisor import ownership, procfs
from homarus.supervisor.admission import Admission, bot_user
from homarus.supervisor.breaker import LIMIT, WINDOW_S, Breaker
from homarus.supervisor.faults import POINTS, Faults
from homarus.supervisor.logs import tail
from homarus.supervisor.reporting import Reporter
from homarus.supervisor.secrets import Vault


class TestBreaker:
    def test_it_gives_up_after_five_exits_in_ten_minutes(self) -> None:
        breaker = Breaker()
        pauses = [breaker.exit(float(second)) for second in range(LIMIT)]
        assert pauses[-1] is None
        assert pauses[:-1] == sorted(pauses[:-1])

    def test_old_exits_do_not_count(self) -> None:
        breaker = Breaker()
        assert all(breaker.exit(n * WINDOW_S) is not None for n in range(LIMIT * 2))

    def test_reset_forgets(self) -> None:
        breaker = Breaker()
        for second in range(LIMIT):
            breaker.exit(float(second))
        breaker.reset()
        assert breaker.exit(6.0) is not None


class TestLocks:
    def test_who_comes_second_gets_nothing(self, tmp_path: Path) -> None:
        first = ownership.take(tmp_path / "lock")
        assert first is not None
        assert ownership.take(tmp_path / "lock") is None
        assert ownership.held(tmp_path / "lock")
        os.close(first)
        assert not ownership.held(tmp_path / "lock")

    def test_an_inherited_lock_lives_as_long_as_its_last_holder(self, tmp_path: Path) -> None:
        lock = ownership.take(tmp_path / "lock")
        copy = os.dup(lock)
        os.close(lock)
        assert ownership.held(tmp_path / "lock")
        assert procfs.identify(os.getpid()) in procfs.holders(tmp_path / "lock")
        os.close(copy)
        assert not ownership.held(tmp_path / "lock")

    def test_an_owner_of_an_earlier_boot_is_no_process(self, tmp_path: Path) -> None:
        owner = ownership.write_owner(tmp_path / "owner", install_id="i", nonce="n")
        assert ownership.read_owner(tmp_path / "owner") == owner
        assert owner.process() == procfs.identify(os.getpid())
        assert msgspec.structs.replace(owner, boot_id="another").process() is None


class TestProcesses:
    def test_a_reused_pid_is_not_signalled(self) -> None:
        me = procfs.identify(os.getpid())
        stranger = procfs.ProcessId(me.pid, me.ticks + 1)
        assert procfs.send(stranger, 9) is False

    def test_ancestry(self) -> None:
        assert procfs.descends(os.getpid(), os.getppid())
        assert not procfs.descends(os.getppid(), os.getpid())


class TestLogs:
    def test_cursors_lead_through_the_whole_log(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.write_text("".join(f"line {n}\n" for n in range(100)))
        cursor, text = 0, ""
        while (page := tail(log, cursor=cursor, limit=64)).text:
            assert page.text.endswith("\n")
            cursor, text = page.cursor, text + page.text
        assert text == log.read_text()

    def test_from_the_end_and_after_a_new_beginning(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        assert tail(log, cursor=-1, limit=10).text == ""
        log.write_text("old\nnew\n")
        assert tail(log, cursor=-1, limit=5).text.endswith("new\n")
        assert tail(log, cursor=5000, limit=100).text == "old\nnew\n"


class TestAdmission:
    def admission(self, host: Path, bot: str, *, slots: int = 1, memory: int = 100) -> Admission:
        return Admission(host, bot_id=bot, start_slots=slots, memory_mb=memory)

    async def test_memory_is_shared_and_given_back(self, tmp_path: Path) -> None:
        one, two = self.admission(tmp_path, "a"), self.admission(tmp_path, "b")
        said: list[str] = []

        async def told(reason: str) -> None:
            said.append(reason)
            one.release()

        await one.memory(60, told)
        await one.memory(60, told)
        await two.memory(60, told)
        assert said == ["waiting: memory (60 MB needed, 40 MB of 100 MB free for bots)"]

    async def test_one_slot_one_start(self, tmp_path: Path) -> None:
        one, two = self.admission(tmp_path, "a"), self.admission(tmp_path, "b")
        said: list[str] = []

        async def told(reason: str) -> None:
            said.append(reason)
            one.release_slot()

        await one.slot(told)
        await two.slot(told)
        assert said == ["waiting: start slot"]

    def test_blocks_of_ports_do_not_overlap(self, tmp_path: Path) -> None:
        bots = [self.admission(tmp_path, f"bot{n}") for n in range(20)]
        ports = sorted(bot.port(120) for bot in bots)
        assert all(later - port >= 120 for port, later in itertools.pairwise(ports))
        for bot in bots:
            bot.release()

    def test_when_all_blocks_are_taken_it_says_so(self, tmp_path: Path) -> None:
        first = self.admission(tmp_path, "a")
        first.port(18_000)
        with pytest.raises(Unavailable):
            self.admission(tmp_path, "b").port(18_000)
        first.release()

    def test_a_bot_keeps_its_user_and_shares_it_with_none(self, tmp_path: Path) -> None:
        one = bot_user(tmp_path, install_id="i", bot_id="a")
        assert bot_user(tmp_path, install_id="i", bot_id="b") != one
        assert bot_user(tmp_path, install_id="i", bot_id="a") == one


def test_a_report_that_says_the_same_wakes_nobody() -> None:
    reporter = Reporter({})
    reporter.set(run=RunState.RUNNING, reason="")
    reporter.changed.clear()
    digest = reporter.digest()
    reporter.set(run=RunState.RUNNING)
    assert not reporter.changed.is_set()
    reporter.find("a", "b")
    assert reporter.changed.is_set()
    assert reporter.digest() != digest


def test_fingerprints_compare_and_tell_nothing() -> None:
    vault = Vault()
    vault.load({"A": "value", "B": "other"}, version=1)
    one = vault.fingerprints(key="k")
    vault.load({"A": "value", "B": "changed"}, version=2)
    two = vault.fingerprints(key="k")
    assert one["A"] == two["A"]
    assert one["B"] != two["B"]
    assert "value" not in str(one)
    assert vault.fingerprints(key="another")["A"] != one["A"]


def test_every_fault_point_is_in_the_code_once() -> None:
    source = Path(procfs.__file__).parent
    text = "".join(path.read_text() for path in source.glob("*.py") if path.name != "faults.py")
    assert {point: text.count(f'faults.at("{point}")') for point in POINTS} == dict.fromkeys(
        POINTS, 1
    )
    Faults(None).at(POINTS[0])
