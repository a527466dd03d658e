"""The spool: what survives which accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from homarus.errors import AlreadyRunning, DiskFull
from homarus.gateway.spool import Kind, Place, Quarantined, Spool

SMALL = 1 << 10


def fill(spool: Spool, count: int) -> list[bytes]:
    records = [b'["open",%d]' % number for number in range(count)]
    for record in records:
        spool.append(Kind.OPEN, record)
        spool.prepare_spare()
    return records


def everything(spool: Spool) -> list[bytes]:
    return spool.read(spool.start(), 10_000)[0]


def test_records_come_back_in_order_over_many_segments(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_size=SMALL)
    records = fill(spool, 200)
    assert everything(spool) == records
    spool.close()
    again = Spool(tmp_path, segment_size=SMALL)
    assert everything(again) == records
    assert again.append(Kind.SEAL, b'["seal",false]') == 201


def test_reading_goes_on_where_it_stopped(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_size=SMALL)
    records = fill(spool, 100)
    place: Place = spool.start()
    found: list[bytes] = []
    while place.seq < spool.seq:
        batch, place = spool.read(place, 7)
        found += batch
    assert found == records


def test_folded_segments_are_deleted_and_the_numbers_go_on(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_size=SMALL)
    fill(spool, 200)
    before = len(list(tmp_path.glob("*.seg")))
    spool.forget(150)
    assert len(list(tmp_path.glob("*.seg"))) < before
    spool.close()
    assert Spool(tmp_path, segment_size=SMALL).seq == 200


def test_a_torn_tail_is_cut(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_size=SMALL)
    records = fill(spool, 5)
    spool.close()
    path = tmp_path / "00000001.seg"
    content = bytearray(path.read_bytes())
    at = content.index(b'["open",4]')
    content[at + 3] ^= 1
    path.write_bytes(content)
    again = Spool(tmp_path, segment_size=SMALL)
    assert everything(again) == records[:4]
    assert again.seq == 4


def test_damage_before_good_records_sets_the_file_aside(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_size=SMALL)
    fill(spool, 5)
    spool.close()
    path = tmp_path / "00000001.seg"
    content = bytearray(path.read_bytes())
    content[content.index(b'["open",2]') + 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(Quarantined):
        Spool(tmp_path, segment_size=SMALL)
    assert path.with_suffix(".bad").exists()


def test_one_process_owns_a_spool(tmp_path: Path) -> None:
    first = Spool(tmp_path, segment_size=SMALL)
    with pytest.raises(AlreadyRunning):
        Spool(tmp_path, segment_size=SMALL)
    first.close()


def test_a_disk_that_fills_up_is_known_before_a_record_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path, segment_size=SMALL)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    written = 0
    while spool.ready:
        spool.append(Kind.OPEN, b'["open",1]')
        written += 1
    with pytest.raises(DiskFull):
        spool.prepare_spare()
    while True:  # calls under way still end: the current segment has room for them
        try:
            spool.append(Kind.CLOSE, b'["close",1]')
            written += 1
        except DiskFull:
            break
    assert len(everything(spool)) == written
