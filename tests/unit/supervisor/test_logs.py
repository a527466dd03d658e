"""The runtime's output stays small while its writer goes on."""

from pathlib import Path

from homarus.supervisor.logs import tail, trim


def test_the_end_is_kept_and_the_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("ab", buffering=0) as writer:
        for number in range(100):
            writer.write(b"line %03d\n" % number)
        far = path.stat().st_size
        trim(path, limit=far - 1, keep=25)
        assert path.read_bytes() == b"line 098\nline 099\n"
        writer.write(b"after\n")
    assert path.read_bytes() == b"line 098\nline 099\nafter\n"
    assert tail(path, cursor=far, limit=1000).text.startswith("line 098")


def test_a_small_log_or_none_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "log"
    trim(path, limit=10, keep=5)
    assert not path.exists()
    path.write_bytes(b"0123456789")
    trim(path, limit=10, keep=5)
    assert path.read_bytes() == b"0123456789"
