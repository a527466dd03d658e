"""Why a call was refused can be asked by its trace, for runtimes that keep it from people."""

from __future__ import annotations

import json
from pathlib import Path

from homarus.gateway.refusals import Said
from homarus.supervisor.refusals import refusal
from homarus.testing.gateway_rig import exchange, gateway, post, tables

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
ASK = json.dumps({"model": "nowhere", "messages": []}).encode()


async def test_the_last_words_about_a_trace_are_kept(tmp_path: Path) -> None:
    async with gateway(tmp_path / "s", tables("http://127.0.0.1:1")) as rig:
        url = f"http://127.0.0.1:{rig.port}"
        assert await refusal(url, PARENT) == ""
        call = post("/v1/chat/completions", ASK, f"traceparent: {PARENT}")
        assert b" 404 " in (await exchange(rig.port, call))[:20]
        assert await refusal(url, PARENT) == "No route is named `nowhere`. Known: demo."
        rig.worker.said.keep(TRACE, "Something newer.")
        assert await refusal(url, PARENT) == "Something newer."
        assert await refusal(url, "") == await refusal("", PARENT) == ""
    assert await refusal(url, PARENT) == "", "the gateway is away"


async def test_strangers_leave_no_words(tmp_path: Path) -> None:
    async with gateway(tmp_path / "s", tables("http://127.0.0.1:1")) as rig:
        call = post("/v1/chat/completions", ASK, f"traceparent: {PARENT}", key="hmb_wrong")
        assert b" 401 " in (await exchange(rig.port, call))[:20]
        assert rig.worker.said.about(TRACE) == ""


def test_only_the_latest_traces_are_remembered() -> None:
    said = Said(most=2)
    for trace in ("a", "b", "a", "c"):
        said.keep(trace, trace * 2)
    assert [said.about(trace) for trace in "abc"] == ["aa", "", "cc"]
