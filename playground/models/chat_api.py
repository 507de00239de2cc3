"""Chat Completions: `POST /v1/chat/completions`, plain and streamed."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

from playground.models import strict_schemas
from playground.models.calls import ModelCall, Said, ToolCall
from playground.models.errors import ApiError
from playground.models.replies import Reply, as_events, as_json, event
from playground.models.sight import look_at_url
from playground.models.sound import listen
from playground.models.tools import tools_in
from playground.models.utterance import Utterance, pieces_of, utter

_REASONS = {"truncated": "length", "reasoning_only": "length", "content_filter": "content_filter"}
_DONE = b"data: [DONE]\n\n"


def read(call: ModelCall) -> None:
    """Take a request apart.

    Raises:
        ApiError: As the real API answers it.
    """
    messages = call.body.get("messages")
    if not isinstance(messages, list) or not messages:
        message = "Missing required parameter: 'messages'."
        raise ApiError(400, "missing_required_parameter", message, param="messages")
    open_calls: set[str] = set()
    for each in messages:
        _follow_tools(call, each, open_calls)
        content = each.get("content") or ""
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        texts: list[str] = []
        before = ""
        for part in parts:
            before = _read_part(call, part, before) or ""
            texts += [before] if before else []
        if texts or not each.get("tool_calls"):
            call.said.append(Said(each["role"], "\n".join(texts)))
        if each["role"] == "tool":
            call.tool_results += texts
    _insist_on_results(open_calls)
    _schema(call.body)
    tools_in(call.body)


def answer(call: ModelCall) -> Reply:
    """Answer a request that was read."""
    limit = call.body.get("max_completion_tokens") or call.body.get("max_tokens")
    utterance = utter(call, _schema(call.body), limit=limit)
    base = {"id": f"chatcmpl-{secrets.token_hex(8)}", "created": int(time.time()), "model": call.model}
    if not call.body.get("stream"):
        return as_json(_completion(base, utterance))
    code = call.fault.code if call.fault is not None else ""
    with_usage = bool((call.body.get("stream_options") or {}).get("include_usage"))
    return as_events(
        _events(base, utterance, with_usage=with_usage), error_event=event(ApiError(500, code).body)
    )


def _follow_tools(call: ModelCall, message: Mapping[str, Any], open_calls: set[str]) -> None:
    """Note which calls of tools a message makes or answers."""
    if message["role"] == "tool":
        if message["tool_call_id"] not in open_calls:
            why = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
            raise ApiError(400, "", f"Invalid parameter: {why}", param="messages")
        open_calls.remove(message["tool_call_id"])
        return
    _insist_on_results(open_calls)
    if message["role"] == "user":
        call.tool_calls.clear()
        call.tool_results.clear()
    for each in message.get("tool_calls") or ():
        call.tool_calls.append(ToolCall(each["id"], each["function"]["name"], each["function"]["arguments"]))
        open_calls.add(each["id"])


def _insist_on_results(open_calls: set[str]) -> None:
    if open_calls:
        why = "An assistant message with 'tool_calls' must be followed by tool messages responding to each"
        raise ApiError(400, "", f"{why} 'tool_call_id'. Missing: {sorted(open_calls)}", param="messages")


def _read_part(call: ModelCall, part: Mapping[str, Any], before: str) -> str | None:
    """Read a part; return its text, None where it is no text. `before` is the text right before it."""
    match part.get("type"):
        case "text":
            return part["text"]
        case "refusal":
            return part["refusal"]
        case "image_url":
            url, detail = part["image_url"].get("url"), part["image_url"].get("detail")
            call.sights.append(look_at_url(url, detail, caption=before, reading=call.abilities.reading))
            return None
        case "input_audio":
            try:
                data = base64.b64decode(part["input_audio"]["data"], validate=True)
            except binascii.Error:
                raise ApiError(400, "invalid_base64", "The recording is not base64") from None
            call.sounds.append(listen(data, call.abilities.hearing))
            return None
        case "file":
            raise ApiError(501, "not_implemented", "The scripted model server keeps no files")
        case kind:
            raise ApiError(400, "invalid_value", f"Invalid value: '{kind}'.", param="messages")


def _schema(body: Mapping[str, Any]) -> dict[str, Any] | None:
    wanted = body.get("response_format") or {}
    if wanted.get("type") != "json_schema":
        return None
    wanted = wanted["json_schema"]
    if wanted.get("strict"):
        strict_schemas.insist(wanted.get("schema"), name=wanted.get("name", ""), param="response_format")
    return wanted["schema"]


def _completion(base: dict[str, Any], utterance: Utterance) -> dict[str, Any]:
    refused = utterance.oddity == "refusal"
    message = {
        "role": "assistant",
        "content": None if refused or utterance.tool_calls else utterance.text,
        "refusal": utterance.text if refused else None,
        "annotations": [],
    }
    if utterance.tool_calls:
        message["tool_calls"] = [_asked(each, each.arguments) for each in utterance.tool_calls]
    choice = {"index": 0, "message": message, "finish_reason": _reason(utterance), "logprobs": None}
    return {**base, "object": "chat.completion", "choices": [choice], "usage": _usage(utterance)}


def _events(base: dict[str, Any], utterance: Utterance, *, with_usage: bool) -> Iterator[bytes]:
    usage = {"usage": None} if with_usage else {}

    def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return event({**base, "object": "chat.completion.chunk", "choices": [choice], **usage})

    kind = "refusal" if utterance.oddity == "refusal" else "content"
    yield chunk({"role": "assistant", "content": "", "refusal": None})
    for piece in utterance.pieces:
        yield chunk({kind: piece})
    for index, each in enumerate(utterance.tool_calls):
        yield chunk({"tool_calls": [{"index": index, **_asked(each, "")}]})
        for piece in pieces_of(each.arguments):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, _reason(utterance))
    if with_usage:
        last = {"object": "chat.completion.chunk", "choices": [], "usage": _usage(utterance)}
        yield event({**base, **last})
    yield _DONE


def _reason(utterance: Utterance) -> str:
    return _REASONS.get(utterance.oddity or "", "tool_calls" if utterance.tool_calls else "stop")


def _asked(call: ToolCall, arguments: str) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _usage(utterance: Utterance) -> dict[str, Any]:
    return {
        "prompt_tokens": utterance.input_tokens,
        "completion_tokens": utterance.output_tokens,
        "total_tokens": utterance.input_tokens + utterance.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": utterance.reasoning_tokens, "audio_tokens": 0},
    }
