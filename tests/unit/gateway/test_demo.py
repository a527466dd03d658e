"""The demo model: sensible, deterministic, and misbehaving only when told to."""

from __future__ import annotations

from homarus.demo.mind import Message, fault, pieces, read_messages, read_tools, reply


def test_it_greets_although_the_agent_appends_words_of_its_own() -> None:
    talk = [
        Message("system", "You are a bot. " * 3_000),
        Message("user", "[Sat 10:00] Say hello in one sentence."),
        Message("user", "<internal>time and context</internal>"),
    ]
    assert "demo model" in reply(talk, [], 50_000).text


def test_a_trigger_is_looked_for_in_all_user_messages_since_its_last_answer() -> None:
    talk = [Message("user", 'demo:tool exec {"command":"id"}'), Message("user", "internal")]
    called = reply(talk, ["exec"], 100)
    assert (called.tool, called.arguments) == ("exec", '{"command":"id"}')
    assert reply(talk, ["other"], 100).tool == ""
    later = [*talk, Message("assistant", ""), Message("tool", "uid=0")]
    assert "uid=0" in reply(later, ["exec"], 100).text


def test_both_formats_are_read() -> None:
    anthropic = {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
            {"role": "user", "content": [{"type": "tool_result", "content": "done"}]},
        ],
        "tools": [{"name": "exec"}],
    }
    assert read_messages(anthropic) == [Message("user", "hi"), Message("tool", "done")]
    assert read_tools(anthropic) == ["exec"]
    assert read_tools({"tools": [{"function": {"name": "exec"}}]}) == ["exec"]


def test_pieces_are_the_text() -> None:
    text = "one two  three\nfour five "
    assert "".join(pieces(text)) == text
    assert len(pieces(text)) == 2


def test_a_fault_is_asked_for_by_name() -> None:
    asked = fault([Message("user", "demo:fault status 429")])
    assert asked is not None
    assert (asked.kind, asked.status) == ("status", 429)
    assert fault([Message("user", "be good")]) is None
