"""Calls through a gateway without a control plane: bytes, streams, and providers' bad days."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from pathlib import Path

import pytest

from homarus.gateway import leases
from homarus.gateway.spool import Kind
from homarus.gateway.wire.limits import Limits
from homarus.gateway.wire.outbound import Outbound
from homarus.protocol import gateway as wire
from homarus.testing.gateway_plane import until
from homarus.testing.gateway_rig import (
    KEY,
    Rig,
    demo_model,
    exchange,
    gateway,
    post,
    scripted,
    tables,
)

CHAT = "/v1/chat/completions"
ANSWER = {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 20}}


def plain(document: object = ANSWER, status: str = "200 OK") -> bytes:
    body = json.dumps(document).encode()
    return b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
        status.encode(),
        len(body),
        body,
    )


def ask(text: str = "hello", **members: object) -> bytes:
    messages = [{"role": "user", "content": text}]
    return json.dumps({"model": "demo", "messages": messages, **members}).encode()


def body_of(raw: bytes) -> bytes:
    head, _, rest = raw.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head:
        return rest
    whole = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        whole += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return whole


def refuse_more(rig: Rig) -> None:
    """As if the control plane had just said that nothing is left."""
    row = wire.BudgetRow("bgt_1", "bot hello", "day")
    window = rig.worker.slices.window(row, rig.worker.ruling_now())
    rig.worker.slices.purse("bgt_1", window).refused_until = float("inf")


async def heard(rig: Rig) -> bool:
    """A connection to the provider stands."""
    return any(isinstance(thing, Outbound) for thing in rig.server.reaper.watched)


async def closed(rig: Rig) -> bool:
    return bool(closes(rig))


def closes(rig: Rig) -> list[wire.Close]:
    return [record for record in rig.records() if isinstance(record, wire.Close)]


async def test_only_the_model_name_and_the_key_change_on_the_way(tmp_path: Path) -> None:
    body = b'{ "model" : "demo",\n "messages": [{"role":"user","content":"\\u00e9 \\"model\\":"}] }'
    async with scripted([plain()]) as (url, seen), gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(10**12)
        await exchange(rig.port, post(CHAT, body, "X-Own: 1", "traceparent: junk"))
        head, _, sent = seen[0].partition(b"\r\n\r\n")
        assert sent == body.replace(b'"demo"', b'"homarus-demo"', 1)
        assert b"authorization: Bearer sk-up" in head
        assert KEY.encode() not in seen[0]
        assert b"x-own: 1" in head
        assert b"accept-encoding: identity" in head
        assert b"junk" not in head


async def test_what_was_judged_is_what_is_sent(tmp_path: Path) -> None:
    body = b'{"model":"demo","messages":[],"model":"demo","max_tokens":1,"max_tokens":9}'
    async with scripted([plain()]) as (url, seen), gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(10**12)
        await exchange(rig.port, post(CHAT, body))
        sent = seen[0].partition(b"\r\n\r\n")[2]
        assert sent == b'{"model":"homarus-demo","messages":[],"max_tokens":9}'


async def test_usage_that_was_not_asked_for_is_read_and_taken_out_again(tmp_path: Path) -> None:
    async with demo_model() as url, gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(10**12)
        asked = {"stream_options": {"include_usage": True}}
        without = body_of(await exchange(rig.port, post(CHAT, ask(stream=True))))
        with_it = body_of(await exchange(rig.port, post(CHAT, ask(stream=True, **asked))))
        assert b'"usage"' not in without
        assert b'"usage"' in with_it
        assert without.endswith(b"data: [DONE]\n\n")
        assert [close.usage.output for close in closes(rig)] == [55, 55]
        assert {close.source for close in closes(rig)} == {"reported"}


async def test_both_formats_serve_the_same_bot(tmp_path: Path) -> None:
    async with demo_model() as url, gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(10**12)
        for stream in (False, True):
            raw = post("/v1/messages", ask(stream=stream, max_tokens=100), "anthropic-version: 1")
            assert (
                b"Homarus demo model" in (await exchange(rig.port, raw)).replace(b"\r\n", b"")
                or stream
            )
        assert [close.source for close in closes(rig)] == ["reported", "reported"]


async def test_a_stale_connection_is_replaced_without_a_word(tmp_path: Path) -> None:
    async with (
        scripted([plain(), plain()], close_after=1) as (url, seen),
        gateway(tmp_path / "s", tables(url)) as rig,
    ):
        rig.grant(10**12)
        for _ in range(2):
            assert b" 200 OK" in (await exchange(rig.port, post(CHAT, ask())))[:20]
        assert [close.outcome for close in closes(rig)] == ["done", "done"]
        assert len(seen) >= 2


async def test_the_providers_refusal_of_our_key_is_not_the_bots_fault(tmp_path: Path) -> None:
    denied = plain({"error": "no"}, "401 Unauthorized")
    async with scripted([denied]) as (url, _), gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(10**12)
        answer = await exchange(rig.port, post(CHAT, ask()))
        assert b" 400 " in answer[:20]
        assert b"homarus provider check demo" in answer
        [close] = closes(rig)
        assert (close.status, close.fault, close.cost) == (401, "provider_key", 0)


@pytest.mark.parametrize("fault", ["status 503", "reset", "midstream", "garbage"])
async def test_a_providers_bad_day_is_recorded_and_never_looks_whole(
    tmp_path: Path, fault: str
) -> None:
    async with demo_model() as url, gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(10**12)
        body = ask(f"demo:fault {fault}", stream=fault == "midstream")
        answer = await exchange(rig.port, post(CHAT, body))
        [close] = closes(rig)
        if fault == "status 503":
            assert b" 503 " in answer[:20]
            assert (close.outcome, close.cost) == ("failed", 0)
        elif fault == "midstream":
            assert b'"provider_unreachable"' in answer
            assert (close.outcome, close.source) == ("failed", "estimated")
        elif fault == "reset":
            length = int(answer.split(b"content-length: ")[1].split(b"\r\n")[0])
            assert len(body_of(answer)) < length
            assert close.outcome == "failed"
        else:
            assert body_of(answer) == b"{]garbage"
            assert (close.outcome, close.source) == ("done", "estimated")


async def test_a_provider_that_is_not_there_is_a_quick_502(tmp_path: Path) -> None:
    async with gateway(tmp_path / "s", tables("http://127.0.0.1:1")) as rig:
        rig.grant(10**12)
        answer = await exchange(rig.port, post(CHAT, ask()))
        assert b" 502 " in answer[:20]
        assert closes(rig)[0].fault == "connect"


async def test_a_client_that_leaves_pays_for_what_it_got(tmp_path: Path) -> None:
    async with demo_model() as url, gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(10**12)
        _, writer = await asyncio.open_connection("127.0.0.1", rig.port)
        writer.write(post(CHAT, ask("demo:fault stall")))
        await until(lambda: heard(rig))
        # A reset, not a half-close: who only stops sending still gets its answer.
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
        await until(lambda: closed(rig))
        [close] = closes(rig)
        assert (close.outcome, close.source) == ("cancelled", "estimated")
        assert close.cost > 0


async def test_a_stream_that_outgrows_its_budget_is_cut_with_an_error_event(
    tmp_path: Path,
) -> None:
    async with demo_model() as url, gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(6_000_000)  # the first guess of 1,024 tokens and no more
        refuse_more(rig)
        answer = await exchange(rig.port, post(CHAT, ask("demo:words 9000", stream=True)))
        assert b"ran out in mid-answer" in answer
        assert [close.outcome for close in closes(rig)] == ["cut"]


async def test_near_the_limit_the_answer_is_clamped_to_what_is_reserved(tmp_path: Path) -> None:
    async with scripted([plain()]) as (url, seen), gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(10**8, low=True)
        await exchange(rig.port, post(CHAT, ask(max_tokens=4_000)))
        assert json.loads(seen[0].partition(b"\r\n\r\n")[2])["max_tokens"] == 1_024


async def test_a_call_waits_for_a_control_plane_that_is_busy_but_there(tmp_path: Path) -> None:
    def answer_late(asked: wire.LeaseAsk) -> None:
        lease = wire.Lease(asked.slice, 10**9, "")
        later = 2 * leases.WAIT  # longer than for one that is away
        asyncio.get_running_loop().call_later(later, rig.worker.leases.answered, lease)

    async with demo_model() as url, gateway(tmp_path / "s", tables(url)) as rig:
        rig.worker.leases.resumed(answer_late)
        assert b" 200 " in (await exchange(rig.port, post(CHAT, ask())))[:20]


async def test_every_refusal_has_its_status_and_leaves_no_record(tmp_path: Path) -> None:
    async with demo_model() as url, gateway(tmp_path / "s", tables(url)) as rig:
        cases = [
            (post(CHAT, ask(), key="hmb_wrong"), b" 401 "),
            (post(CHAT, b"{]"), b" 400 "),
            (post(CHAT, b'{"model":"other","messages":[]}'), b" 404 "),
            (post(CHAT, ask()), b" 503 "),  # no allowance, and nobody to ask for it
            (post("/v1/messages", ask(max_tokens=1)), b" 529 "),
            (b"GET /nowhere HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n", b" 403 "),
        ]
        for raw, status in cases:
            assert status in (await exchange(rig.port, raw))[:20]
        assert rig.records() == []


async def test_while_news_may_be_missing_an_unknown_key_is_told_to_try_again(
    tmp_path: Path,
) -> None:
    async with demo_model() as url, gateway(tmp_path / "s", tables(url)) as rig:
        rig.worker.current = False
        answer = await exchange(rig.port, post(CHAT, ask(), key="hmb_new"))
        assert b" 503 " in answer[:20]
        assert b"retry-after" in answer.lower()
        assert b" 401 " in (await exchange(rig.port, post(CHAT, ask(), key="sk-other")))[:20]


async def test_models_are_listed_for_who_has_a_key(tmp_path: Path) -> None:
    async with gateway(tmp_path / "s", tables("http://127.0.0.1:1")) as rig:
        head = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        assert b" 401 " in (await exchange(rig.port, head + b"\r\n"))[:20]
        known = await exchange(rig.port, head + b"x-api-key: hmb_test\r\n\r\n")
        assert json.loads(body_of(known))["data"][0]["id"] == "demo"


async def test_without_a_spare_segment_no_call_begins(tmp_path: Path) -> None:
    async with demo_model() as url, gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(10**12)
        rig.worker.broken = "No space left"
        assert b" 503 " in (await exchange(rig.port, post(CHAT, ask())))[:20]
        assert rig.records() == []


async def test_a_provider_that_falls_silent_is_given_up(tmp_path: Path) -> None:
    limits = Limits(answer_wait=0.2)
    async with demo_model() as url, gateway(tmp_path / "s", tables(url), limits=limits) as rig:
        rig.grant(10**12)
        answer = await exchange(rig.port, post(CHAT, ask("demo:fault stall")))
        assert b" 504 " in answer[:20]
        assert closes(rig)[0].fault == "timeout"


async def test_an_open_record_stands_before_the_provider_hears(tmp_path: Path) -> None:
    async with scripted([]) as (url, _), gateway(tmp_path / "s", tables(url)) as rig:
        rig.grant(10**12)
        order: list[str] = []
        append, take = rig.worker.spool.append, rig.server.pool.take
        rig.worker.spool.append = lambda kind, raw: order.append(kind.name) or append(kind, raw)  # type: ignore[func-returns-value,method-assign]
        rig.server.pool.take = lambda *a, **k: order.append("SENT") or take(*a, **k)  # type: ignore[func-returns-value,method-assign]
        await exchange(rig.port, post(CHAT, ask()))
        assert order[:2] == [Kind.OPEN.name, "SENT"]
