"""Sealed secrets: only in, never out; keys that fit, and keys that do not."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from homarus.domains.secret import master_key
from homarus.domains.secret.master_key import KeySource, MasterKey
from homarus.domains.secret.service import SecretService
from homarus.errors import Conflict, MasterKeyProblem
from homarus.kit.sealed import WrongSeal, new_key, seal, unseal
from homarus.store.engine import Store
from homarus.testing.api import Installation
from homarus.testing.clock import START, VirtualClock

VALUE = "a-marked-value-8d1f"
NOW = START


class _Killed(BaseException):
    """The process ends here: nothing catches this, and nothing tidies up."""


def _die_after(patched: pytest.MonkeyPatch, step: str) -> None:
    """Let the process die when ``step`` of a rotation has been done."""
    place: Any = master_key if hasattr(master_key, step) else MasterKey
    real = getattr(place, step)

    def plain(*given: Any, **named: Any) -> None:
        real(*given, **named)
        raise _Killed

    async def waiting(*given: Any, **named: Any) -> None:
        await real(*given, **named)
        raise _Killed

    patched.setattr(place, step, waiting if asyncio.iscoroutinefunction(real) else plain)


def _once(
    first: Callable[..., Awaitable[int]], then: Callable[..., Awaitable[int]]
) -> Callable[..., Awaitable[int]]:
    calls: list[None] = []

    async def either(self: MasterKey, *given: Any) -> int:
        calls.append(None)
        return await (first(*given) if len(calls) == 1 else then(self, *given))

    return either


def _left_beside(home: Path) -> list[Path]:
    return list(home.glob("master.key.*"))


async def _opens_after_a_start(ours: Installation, source: KeySource) -> str:
    """What TOKEN holds for a control plane that starts now."""
    secrets = SecretService(VirtualClock(), await MasterKey.open(ours.store, source))
    async with ours.store.read() as session:
        opened = await secrets.open_values(session, ours.owner.workspace_id, ["TOKEN"])
    return opened.values["TOKEN"]


async def _set(ours: Installation, name: str, value: str) -> dict[str, object]:
    async with ours.client(ours.owner_token) as owner:
        answer = await owner.put(f"/v1/secrets/{name}", json={"value": value})
    assert answer.status_code == 200
    assert value not in answer.text
    return dict(answer.json())


async def _open(ours: Installation, *names: str) -> tuple[int, dict[str, str], tuple[str, ...]]:
    async with ours.store.read() as session:
        opened = await ours.foundation.secrets.open_values(session, ours.owner.workspace_id, names)
    return opened.version, dict(opened.values), opened.missing


async def test_a_value_goes_in_and_only_the_inside_opens_it(
    both_installation: Installation,
) -> None:
    ours = both_installation
    assert (await _set(ours, "TOKEN", VALUE))["version"] == 1

    assert await _open(ours, "TOKEN", "NONE") == (1, {"TOKEN": VALUE}, ("NONE",))
    async with ours.client(ours.owner_token) as owner:
        for path in ("/v1/secrets", "/v1/secrets/TOKEN", "/v1/audit", "/v1/audit/export"):
            answer = await owner.get(path)
            assert answer.status_code == 200
            assert VALUE not in answer.text


async def test_every_change_raises_the_version_that_supervisors_follow(
    both_installation: Installation,
) -> None:
    ours = both_installation
    assert await _open(ours, "TOKEN") == (0, {}, ("TOKEN",))
    await _set(ours, "TOKEN", "one")
    assert (await _set(ours, "TOKEN", "two"))["version"] == 2
    assert await _open(ours, "TOKEN") == (2, {"TOKEN": "two"}, ())
    async with ours.client(ours.owner_token) as owner:
        assert (await owner.delete("/v1/secrets/TOKEN")).status_code == 204
        assert (await owner.delete("/v1/secrets/TOKEN")).status_code == 404
    assert await _open(ours, "TOKEN") == (3, {}, ("TOKEN",))


async def test_the_disk_holds_no_value(installation: Installation, sqlite_url: str) -> None:
    await _set(installation, "TOKEN", VALUE)
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    written = [f for f in folder.rglob("*") if f.is_file()]
    assert written
    assert not [f for f in written if VALUE.encode() in f.read_bytes()]


async def test_a_box_moved_elsewhere_does_not_open(both_installation: Installation) -> None:
    ours = both_installation
    await _set(ours, "A", "of a")
    await _set(ours, "B", "of b")
    async with ours.store.begin() as session:
        move = "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE name = 'A')"
        await session.execute(text(move))
    with pytest.raises(WrongSeal):
        await _open(ours, "B")


@pytest.mark.parametrize("other", [{"kind": "x"}, {"kind": "k", "version": "2"}])
def test_the_purpose_is_part_of_the_seal(other: dict[str, str]) -> None:
    key = new_key()
    box = seal(key, b"content", purpose={"kind": "k"})
    assert unseal(key, box, purpose={"kind": "k"}) == b"content"
    with pytest.raises(WrongSeal):
        unseal(key, box, purpose=other)
    with pytest.raises(WrongSeal):
        unseal(key, box[:-1] + bytes([box[-1] ^ 1]), purpose={"kind": "k"})


@pytest.mark.parametrize("name", ["lower", "1A", "A-B", "A" * 65])
async def test_bad_names_are_refused(installation: Installation, name: str) -> None:
    async with installation.client(installation.owner_token) as owner:
        answer = await owner.put(f"/v1/secrets/{name}", json={"value": "x"})
        assert answer.status_code == 422
        assert answer.json()["issues"][0]["path"] == "name"


async def test_changes_at_the_same_moment_are_all_counted(
    both_installation: Installation,
) -> None:
    ours = both_installation
    await _set(ours, "TOKEN", "first")
    await asyncio.gather(*(_set(ours, "TOKEN", f"value {n}") for n in range(5)))
    version, values, _ = await _open(ours, "TOKEN")
    assert version == 6
    assert values["TOKEN"].startswith("value ")


class TestMasterKey:
    @pytest.fixture
    def source(self, tmp_path: Path) -> KeySource:
        return KeySource(tmp_path / "master.key")

    async def test_it_is_made_once_and_only_we_can_read_it(
        self, store: Store, source: KeySource
    ) -> None:
        first = await MasterKey.open(store, source)
        async with store.begin() as session:
            box = await first.seal_new(session, workspace_id="w")
        again = await MasterKey.open(store, source)
        assert again.unseal(box, workspace_id="w") == first.unseal(box, workspace_id="w")
        assert source.file.stat().st_mode & 0o777 == 0o600

    async def test_a_missing_key_is_never_replaced(self, store: Store, source: KeySource) -> None:
        await MasterKey.open(store, source)
        source.file.unlink()
        with pytest.raises(MasterKeyProblem, match="missing"):
            await MasterKey.open(store, source)
        assert not source.file.exists()

    async def test_a_wrong_key_is_refused(self, store: Store, source: KeySource) -> None:
        await MasterKey.open(store, source)
        other = base64.b64encode(os.urandom(32)).decode()
        with pytest.raises(MasterKeyProblem, match="not the one"):
            await MasterKey.open(store, KeySource(source.file, other))
        source.file.write_text(other)
        with pytest.raises(MasterKeyProblem, match="not the one") as refused:
            await MasterKey.open(store, source)
        assert other not in refused.value.message + refused.value.hint

    async def test_a_key_from_the_environment_is_never_written(
        self, store: Store, source: KeySource
    ) -> None:
        given = KeySource(source.file, base64.b64encode(os.urandom(32)).decode())
        await MasterKey.open(store, given)
        await MasterKey.open(store, given)
        assert not source.file.exists()

    @pytest.mark.parametrize("text", ["", "short", "!" * 44, "A" * 40])
    async def test_what_is_no_key_is_said_so(
        self, sqlite_store: Store, source: KeySource, text: str
    ) -> None:
        with pytest.raises(MasterKeyProblem, match="does not hold"):
            await MasterKey.open(sqlite_store, KeySource(source.file, text))

    async def test_a_file_that_others_can_read_is_refused(
        self, sqlite_store: Store, source: KeySource
    ) -> None:
        await MasterKey.open(sqlite_store, source)
        source.file.chmod(0o644)
        with pytest.raises(MasterKeyProblem, match="by others") as refused:
            await MasterKey.open(sqlite_store, source)
        assert "chmod 600" in refused.value.hint


class TestRotation:
    async def test_secrets_open_with_the_new_key_alone(
        self, both_installation: Installation, tmp_path: Path
    ) -> None:
        ours = both_installation
        await _set(ours, "TOKEN", VALUE)
        old = (tmp_path / "master.key").read_text()
        async with ours.client(ours.owner_token) as owner:
            answer = await owner.post("/v1/secrets/rotate-master-key")
        assert answer.json() == {"data_keys": 1}

        assert (await _open(ours, "TOKEN"))[1] == {"TOKEN": VALUE}
        assert (tmp_path / "master.key").read_text() != old
        assert _left_beside(tmp_path) == []
        await MasterKey.open(ours.store, KeySource(tmp_path / "master.key"))
        with pytest.raises(MasterKeyProblem):
            await MasterKey.open(ours.store, KeySource(tmp_path / "master.key", old))

    @pytest.mark.parametrize("shared", [True, False], ids=["one process", "two processes"])
    async def test_of_two_at_once_one_is_refused_and_every_secret_opens(
        self, both_installation: Installation, tmp_path: Path, shared: bool
    ) -> None:
        ours = both_installation
        await _set(ours, "TOKEN", VALUE)
        source = KeySource(tmp_path / "master.key")
        one = ours.foundation.master
        other = one if shared else await MasterKey.open(ours.store, source)
        outcomes = await asyncio.gather(
            one.rotate(ours.owner, NOW), other.rotate(ours.owner, NOW), return_exceptions=True
        )
        assert sorted(type(o).__name__ for o in outcomes) == ["Conflict", "int"], outcomes
        assert await _opens_after_a_start(ours, source) == VALUE
        assert _left_beside(tmp_path) == []

    async def test_the_first_secret_of_a_workspace_waits_for_a_rotation_or_it_for_that(
        self, both_installation: Installation, tmp_path: Path
    ) -> None:
        """Otherwise its data key would be sealed by a key that is gone at the commit."""
        ours = both_installation
        secrets, master = ours.foundation.secrets, ours.foundation.master

        async with ours.store.begin() as session:
            await secrets.set(session, ours.owner, name="TOKEN", value=VALUE)
            await session.flush()
            rotating = asyncio.create_task(master.rotate(ours.owner, NOW))
            await asyncio.wait({rotating}, timeout=0.2)  # one that does not wait ends here
        await rotating
        assert await _opens_after_a_start(ours, KeySource(tmp_path / "master.key")) == VALUE

    async def test_who_missed_a_rotation_makes_no_data_key(
        self, both_installation: Installation, tmp_path: Path
    ) -> None:
        ours = both_installation
        other = await MasterKey.open(ours.store, KeySource(tmp_path / "master.key"))
        await other.rotate(ours.owner, NOW)
        async with ours.client(ours.owner_token) as owner:
            answer = await owner.put("/v1/secrets/TOKEN", json={"value": VALUE})
        assert answer.status_code == 409
        assert "anew" in answer.json()["hint"]

    @pytest.mark.parametrize("after", ["_lay_beside", "_rewrap", "record", "_change"])
    async def test_a_kill_between_any_two_steps_is_mended_by_the_next_start(
        self,
        both_installation: Installation,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        after: str,
    ) -> None:
        ours = both_installation
        await _set(ours, "TOKEN", VALUE)
        source = KeySource(tmp_path / "master.key")
        old = source.file.read_bytes()
        with monkeypatch.context() as patched:
            _die_after(patched, after)
            with pytest.raises(_Killed):
                await ours.foundation.master.rotate(ours.owner, NOW)
        assert _left_beside(tmp_path) != [], "a kill tidies nothing"

        assert await _opens_after_a_start(ours, source) == VALUE
        assert (source.file.read_bytes() == old) is (after != "_change")
        again = await MasterKey.open(ours.store, source)
        assert await again.rotate(ours.owner, NOW) == 1
        assert await _opens_after_a_start(ours, source) == VALUE
        assert _left_beside(tmp_path) == []

    async def test_a_start_between_commit_and_rename_takes_the_key_over(
        self, installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The slow first one then finds nothing to rename, and renames nobody else's."""
        await _set(installation, "TOKEN", VALUE)
        source = KeySource(tmp_path / "master.key")
        first = installation.foundation.master
        change = first._change

        async def change_and_be_overtaken(*given: Any) -> int:
            count = await change(*given)
            successor = await MasterKey.open(installation.store, source)
            await successor.rotate(installation.owner, NOW)
            return count

        monkeypatch.setattr(MasterKey, "_change", _once(change_and_be_overtaken, MasterKey._change))
        await first.rotate(installation.owner, NOW)
        assert await _opens_after_a_start(installation, source) == VALUE

    async def test_a_key_from_the_environment_is_not_ours_to_replace(
        self, sqlite_store: Store, tmp_path: Path, installation: Installation
    ) -> None:
        key = (tmp_path / "master.key").read_text()
        master = await MasterKey.open(sqlite_store, KeySource(tmp_path / "master.key", key))
        with pytest.raises(Conflict):
            await master.rotate(installation.owner, installation.foundation.secrets._clock.now())
