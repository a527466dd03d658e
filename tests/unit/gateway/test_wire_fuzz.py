"""Our reading of requests against h11's: what we accept it accepts, with the same meaning."""

from __future__ import annotations

import h11
from hypothesis import given, settings
from hypothesis import strategies as st

from homarus.gateway.wire.inbound import Inbound, Request
from homarus.gateway.wire.limits import Limits, Reaper

LIMITS = Limits(head=2_000, target=500, body=300)


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close


class Keeper:
    """Answers every request with 200 and keeps it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def serve(self, connection: Inbound, request: Request) -> None:
        self.requests.append(request)
        connection.respond(200, b"", b"ok")


def talk(pieces: list[bytes]) -> tuple[list[Request], Wire]:
    keeper, wire = Keeper(), Wire()
    connection = Inbound(keeper, LIMITS, Reaper(lambda: 0.0))
    connection.connection_made(wire)  # type: ignore[arg-type]
    for piece in pieces:
        if not wire.closed and piece:
            connection.data_received(piece)
    return keeper.requests, wire


def by_h11(raw: bytes) -> tuple[bytes, bytes, list[tuple[bytes, bytes]], bytes] | None:
    """The first request as h11 reads it, or None if it refuses or waits for more."""
    peer = h11.Connection(h11.SERVER, max_incomplete_event_size=100_000)
    body = b""
    try:
        peer.receive_data(raw)
        request = peer.next_event()
        if not isinstance(request, h11.Request):
            return None
        while not isinstance(event := peer.next_event(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                return None
            body += bytes(event.data)
    except h11.RemoteProtocolError:
        return None
    return request.method, request.target, list(request.headers), body


def split(raw: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(raw) + 1) for cut in cuts})
    return [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]


WORDS = st.sampled_from(
    [
        b"POST ", b"GET ", b"/v1/messages", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b"Host: a\r\n",
        b"host:b\r\n", b"Content-Length: 5\r\n", b"Content-Length: 05\r\n", b"X: \xff\r\n",
        b"content-length: 5,5\r\n", b"Content-Length: +5\r\n", b"Content-Length: 0\r\n",
        b"Content-Length: 999999999999999999999\r\n", b"transfer-encoding: CHUNKED\r\n",
        b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n", b"TE: trailers\r\n", b"X-A: \x00\r\n",
        b"Transfer-Encoding : chunked\r\n", b" folded\r\n", b"\tfolded\r\n", b": empty\r\n",
        b"\r\n", b"\n", b"\r", b"hello", b"5\r\nhello\r\n", b"0\r\n", b"0\r\n\r\n", b" ",
        b"5;ext=1\r\nhello\r\n", b"0x5\r\nhello\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n",
        b"Expect: 100-continue\r\n", b"Expect: x\r\n", b"Connection: close\r\n", b"a" * 600,
        b"Upgrade: h2c\r\nConnection: upgrade\r\n", b"Trailer-A: b\r\n",
        b"X-Long: " + b"y" * 900 + b"\r\n",
    ]
)  # fmt: skip
CUTS = st.lists(st.integers(0, 4_000), max_size=6)
START = b"POST /v1/messages HTTP/1.1\r\nHost: a\r\n"
SHAPED = st.builds(
    lambda head, body: START + b"".join(head) + b"\r\n" + b"".join(body),
    st.lists(WORDS, max_size=3),
    st.lists(WORDS, max_size=3),
)
RAW = st.one_of(SHAPED, st.lists(WORDS, max_size=12).map(b"".join), st.binary(max_size=200))


@settings(max_examples=1500, deadline=None)
@given(raw=RAW, cuts=CUTS)
def test_what_we_accept_means_the_same_to_h11(raw: bytes, cuts: list[int]) -> None:
    requests, _ = talk(split(raw, cuts))
    if requests:
        ours = requests[0]
        theirs = by_h11(raw)
        assert theirs is not None, raw
        assert (ours.method, ours.target, ours.body) == (theirs[0], theirs[1], theirs[3])
        assert [(n, v.strip()) for n, v in ours.headers] == theirs[2]


@settings(max_examples=600, deadline=None)
@given(raw=RAW, cuts=CUTS)
def test_splitting_never_changes_a_meaning(raw: bytes, cuts: list[int]) -> None:
    whole, _ = talk([raw])
    parts, _ = talk(split(raw, cuts))
    # Junk that arrives together with a request spoils it; junk that comes later is not read.
    assert whole[:1] in ([], parts[:1])


@settings(max_examples=300, deadline=None)
@given(
    body=st.binary(max_size=300),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=10),
    cuts=CUTS,
    chunked=st.booleans(),
)
def test_every_proper_request_is_accepted(
    body: bytes, sizes: list[int], cuts: list[int], chunked: bool
) -> None:
    head = b"POST /v1/messages HTTP/1.1\r\nHost: a\r\n"
    if chunked:
        pieces, at = [], 0
        for size in [*sizes, 300]:
            if part := body[at : at + size]:
                pieces.append(b"%x\r\n%b\r\n" % (len(part), part))
            at += size
        raw = head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(pieces) + b"0\r\n\r\n"
    else:
        raw = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    [request], wire = talk(split(raw, cuts))
    assert request.body == body
    assert wire.written == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    assert not wire.closed
