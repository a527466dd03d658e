"""A `Reply` in the words of the two formats, plain and streamed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from homarus.demo.mind import Reply, pieces

MODEL = "homarus-demo"


def openai_plain(reply: Reply) -> dict[str, Any]:
    """Return a chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.tool:
        message["tool_calls"] = [_tool_call(reply)]
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply)}
    return _openai_frame("chat.completion", [choice], _openai_usage(reply))


def openai_stream(reply: Reply, *, usage: bool) -> Iterator[bytes]:
    """Yield the events of a streamed chat completion."""

    def event(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _data(_openai_frame("chat.completion.chunk", [choice], None))

    yield event({"role": "assistant", "content": ""})
    for piece in pieces(reply.text):
        yield event({"content": piece})
    if reply.tool:
        yield event({"tool_calls": [{"index": 0, **_tool_call(reply)}]})
    yield event({}, _finish(reply))
    if usage:
        yield _data(_openai_frame("chat.completion.chunk", [], _openai_usage(reply)))
    yield b"data: [DONE]\n\n"


def anthropic_plain(reply: Reply) -> dict[str, Any]:
    """Return a message."""
    usage = {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens}
    return _anthropic_frame([_block(reply, filled=True)], _stop(reply), usage)


def anthropic_stream(reply: Reply) -> Iterator[bytes]:
    """Yield the events of a streamed message."""

    def event(type_: str, **members: Any) -> bytes:
        document = json.dumps({"type": type_, **members}, separators=(",", ":"))
        return f"event: {type_}\ndata: {document}\n\n".encode()

    usage = {"input_tokens": reply.input_tokens, "output_tokens": 1}
    yield event("message_start", message=_anthropic_frame([], None, usage))
    yield event("content_block_start", index=0, content_block=_block(reply, filled=False))
    if reply.tool:
        delta = {"type": "input_json_delta", "partial_json": reply.arguments}
        yield event("content_block_delta", index=0, delta=delta)
    for piece in pieces(reply.text):
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    yield event("content_block_stop", index=0)
    ending = {"stop_reason": _stop(reply), "stop_sequence": None}
    yield event("message_delta", delta=ending, usage={"output_tokens": reply.output_tokens})
    yield event("message_stop")


def _data(document: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(document, separators=(",", ":")).encode() + b"\n\n"


def _openai_frame(kind: str, choices: list[Any], usage: Any) -> dict[str, Any]:
    frame = {"id": "chatcmpl-demo", "object": kind, "created": 0, "model": MODEL}
    return {**frame, "choices": choices, **({"usage": usage} if usage else {})}


def _openai_usage(reply: Reply) -> dict[str, int]:
    return {
        "prompt_tokens": reply.input_tokens,
        "completion_tokens": reply.output_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
    }


def _tool_call(reply: Reply) -> dict[str, Any]:
    function = {"name": reply.tool, "arguments": reply.arguments}
    return {"id": "call_demo", "type": "function", "function": function}


def _finish(reply: Reply) -> str:
    return "tool_calls" if reply.tool else "stop"


def _stop(reply: Reply) -> str:
    return "tool_use" if reply.tool else "end_turn"


def _anthropic_frame(content: list[Any], stop: str | None, usage: Any) -> dict[str, Any]:
    return {
        "id": "msg_demo",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }


def _block(reply: Reply, *, filled: bool) -> dict[str, Any]:
    if reply.tool:
        arguments = json.loads(reply.arguments) if filled else {}
        return {"type": "tool_use", "id": "toolu_demo", "name": reply.tool, "input": arguments}
    return {"type": "text", "text": reply.text if filled else ""}
