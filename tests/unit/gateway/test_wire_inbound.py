"""Bad and unusual clients, byte by byte, in virtual time."""

from __future__ import annotations

import pytest

from homarus.gateway.wire.inbound import Inbound, Request
from homarus.gateway.wire.limits import Limits, Reaper

HEAD = b"POST /x HTTP/1.1\r\nHost: a\r\n"


class Wire:
    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close


class Slow:
    """Keeps requests; answers when told to."""

    def __init__(self) -> None:
        self.connection: Inbound | None = None
        self.requests: list[Request] = []
        self.gone = False
        self.held: list[bool] = []

    def serve(self, connection: Inbound, request: Request) -> None:
        self.connection = connection
        connection.reader = self
        self.requests.append(request)

    def answer(self) -> None:
        assert self.connection is not None
        self.connection.respond(200, b"", b"ok")

    def client_gone(self) -> None:
        self.gone = True

    def hold(self, held: bool) -> None:
        self.held.append(held)


class Client:
    def __init__(self, **limits: float) -> None:
        self.now = 0.0
        self.service = Slow()
        self.reaper = Reaper(lambda: self.now)
        self.wire = Wire()
        self.inbound = Inbound(self.service, Limits(**limits), self.reaper)  # type: ignore[arg-type]
        self.inbound.connection_made(self.wire)  # type: ignore[arg-type]

    def send(self, data: bytes) -> None:
        self.inbound.data_received(data)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.reaper.sweep()

    @property
    def status(self) -> int:
        return int(self.wire.written.split(b" ")[1])


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400),
        (b"Content-Length: 1\r\nContent-Length: 1\r\n", 400),
        (b"Content-Length: 1x\r\n", 400),
        (b"Transfer-Encoding: gzip\r\n", 501),
        (b"Host: b\r\n", 400),
        (b"Content-Length: 2000\r\n", 413),
        (b"X: " + b"y" * 3_000 + b"\r\n", 431),
        (b"Expect: a-miracle\r\nContent-Length: 1\r\n", 417),
        (b"Bad Header: 1\r\n", 400),
    ],
)
def test_a_head_that_is_no_head_is_refused_and_the_connection_closed(
    head: bytes, status: int
) -> None:
    client = Client(body=1_000, head=2_000)
    client.send(HEAD + head + b"\r\n")
    assert client.status == status
    assert client.wire.closed
    assert not client.service.requests


def test_a_head_without_end_is_cut_off() -> None:
    client = Client(head=1_000, target=500)
    for _ in range(400):
        if not client.wire.closed:
            client.send(b"X: y\r\n" if client.wire.written else HEAD + b"X: y\r\n")
    assert client.status in (400, 431)
    assert client.wire.closed


def test_a_body_beyond_the_cap_is_refused_even_in_chunks() -> None:
    client = Client(body=10)
    client.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n")
    client.send(b"6\r\nabcdef\r\n")
    assert client.status == 413


def test_chunk_framing_without_content_is_cut_off() -> None:
    client = Client(body=10, head=100)
    client.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(20):
        if not client.wire.closed:
            client.send(b"1;" + b"e" * 50 + b"\r\na\r\n")
    assert client.status == 413


def test_expect_100_gets_its_go_ahead_before_the_body() -> None:
    client = Client()
    client.send(HEAD + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert client.wire.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(b"hi")
    assert client.service.requests[0].body == b"hi"


def test_trailers_are_read_and_never_become_headers() -> None:
    client = Client()
    client.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Evil: 1\r\n\r\n")
    assert client.service.requests[0].headers == [
        (b"host", b"a"),
        (b"transfer-encoding", b"chunked"),
    ]


def test_pipelining_gets_one_answer_and_a_closed_connection() -> None:
    client = Client()
    client.send(HEAD + b"Content-Length: 0\r\n\r\n" + HEAD + b"Content-Length: 0\r\n\r\n")
    client.service.answer()
    assert len(client.service.requests) == 1
    assert b"connection: close" in client.wire.written
    assert client.wire.closed


def test_bytes_during_the_answer_are_pipelining_too() -> None:
    client = Client()
    client.send(HEAD + b"Content-Length: 0\r\n\r\n")
    client.send(HEAD + b"Content-Length: 0\r\n\r\n")
    client.service.answer()
    assert client.wire.closed
    assert len(client.service.requests) == 1


def test_keep_alive_serves_one_request_after_the_other() -> None:
    client = Client()
    for number in range(3):
        client.send(HEAD + b"Content-Length: 1\r\n\r\n%d" % number)
        client.service.answer()
    assert [request.body for request in client.service.requests] == [b"0", b"1", b"2"]
    assert not client.wire.closed


def test_a_half_closed_client_still_gets_its_answer() -> None:
    client = Client()
    client.send(HEAD + b"Content-Length: 0\r\n\r\n")
    assert client.inbound.eof_received() is True
    client.service.answer()
    assert client.status == 200
    assert client.wire.closed


def test_slow_heads_slow_bodies_and_idle_connections_end() -> None:
    head = Client(head_wait=10)
    head.send(HEAD)
    head.wait(11)
    assert head.status == 408
    body = Client(body_wait=30)
    body.send(HEAD + b"Content-Length: 5\r\n\r\nab")
    body.wait(31)
    assert body.status == 408
    idle = Client(idle_wait=75)
    idle.send(HEAD + b"Content-Length: 0\r\n\r\n")
    idle.service.answer()
    written = idle.wire.written
    idle.wait(76)
    assert idle.wire.closed
    assert idle.wire.written == written


def test_a_reader_that_stops_reading_is_waited_for_and_then_cut() -> None:
    client = Client(write_wait=60)
    client.send(HEAD + b"Content-Length: 0\r\n\r\n")
    client.inbound.pause_writing()
    client.inbound.resume_writing()
    client.wait(61)
    assert not client.wire.closed
    client.inbound.pause_writing()
    client.wait(61)
    assert client.wire.closed
    assert client.service.held == [True, False, True]


def test_a_client_that_leaves_is_told_to_who_works_for_it() -> None:
    client = Client()
    client.send(HEAD + b"Content-Length: 0\r\n\r\n")
    client.inbound.connection_lost(None)
    assert client.service.gone
