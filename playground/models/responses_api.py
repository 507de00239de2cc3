"""The Responses API: `POST /v1/responses`, plain and streamed."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

from playground.models import strict_schemas
from playground.models.calls import ModelCall, Said, ToolCall
from playground.models.errors import ApiError
from playground.models.replies import Reply, as_events, as_json, event
from playground.models.sight import look_at_url
from playground.models.tools import tools_in
from playground.models.utterance import Utterance, pieces_of, utter

_TEXTS = frozenset({"input_text", "output_text", "text"})
_REASONS = {
    "truncated": "max_output_tokens",
    "reasoning_only": "max_output_tokens",
    "content_filter": "content_filter",
}
_SILENT_ITEMS = frozenset({"reasoning"})
"""Items that are echoed back by clients and say nothing."""


def read(call: ModelCall) -> None:
    """Take a request apart.

    Raises:
        ApiError: As the real API answers it.
    """
    body = call.body
    if instructions := body.get("instructions"):
        call.said.append(Said("system", instructions))
    given = body.get("input")
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    if not isinstance(items, list):
        raise ApiError(400, "missing_required_parameter", "Missing required parameter: 'input'.", param="input")
    open_calls: set[str] = set()
    for item in items:
        kind = item.get("type", "message")
        if kind == "message":
            _read_message(call, item)
        elif kind == "function_call":
            call.tool_calls.append(ToolCall(item["call_id"], item["name"], item["arguments"]))
            open_calls.add(item["call_id"])
        elif kind == "function_call_output":
            _read_output(call, item, open_calls)
        elif kind not in _SILENT_ITEMS:
            raise ApiError(
                501, "not_implemented", f"The scripted model server does not know items of type {kind}"
            )
    if open_calls:
        message = f"No tool output found for function call {min(open_calls)}."
        raise ApiError(400, "", message, param="input")
    _schema(body)
    tools_in(body)


def answer(call: ModelCall) -> Reply:
    """Answer a request that was read."""
    utterance = utter(call, _schema(call.body), limit=call.body.get("max_output_tokens"))
    response = _response(call, utterance)
    if not call.body.get("stream"):
        return as_json(response)
    code = call.fault.code if call.fault is not None else ""
    failure = {"type": "error", "code": code, "message": "injected", "param": None, "sequence_number": 99}
    return as_events(_events(response, utterance), error_event=event(failure))


def _read_output(call: ModelCall, item: Mapping[str, Any], open_calls: set[str]) -> None:
    """Read what a tool brought: a text, or parts like those of a message."""
    if item["call_id"] not in open_calls:
        message = f"No tool call found for function call output with call_id {item['call_id']}."
        raise ApiError(400, "", message, param="input")
    open_calls.remove(item["call_id"])
    before = len(call.sights)
    text = _read_parts(call, item["output"])
    call.said.append(Said("tool", text))
    call.tool_results += [text, *(str(each) for each in call.sights[before:])]


def _read_message(call: ModelCall, item: Mapping[str, Any]) -> None:
    role = item.get("role", "user")
    if role == "user":
        call.tool_calls.clear()
        call.tool_results.clear()
    call.said.append(Said(role, _read_parts(call, item.get("content", ""))))


def _read_parts(call: ModelCall, content: Any) -> str:
    """Read the parts of a message or of a tool's output; return their texts."""
    parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
    texts: list[str] = []
    before = ""
    for part in parts:
        kind = part.get("type")
        if kind in _TEXTS:
            texts.append(part["text"])
            before = part["text"]
        elif kind == "refusal":
            texts.append(part["refusal"])
        elif kind == "input_image" and part.get("file_id") is None:
            reading = call.abilities.reading
            url, detail = part.get("image_url"), part.get("detail")
            call.sights.append(look_at_url(url, detail, caption=before, reading=reading))
            before = ""
        elif kind in {"input_image", "input_file"}:
            raise ApiError(501, "not_implemented", "The scripted model server keeps no files")
        else:
            raise ApiError(400, "invalid_value", f"Invalid value: '{kind}'.", param="input")
    return "\n".join(texts)


def _schema(body: Mapping[str, Any]) -> dict[str, Any] | None:
    wanted = (body.get("text") or {}).get("format") or {}
    if wanted.get("type") != "json_schema":
        return None
    if wanted.get("strict"):
        strict_schemas.insist(wanted.get("schema"), name=wanted.get("name", ""), param="text.format.schema")
    return wanted["schema"]


def _response(call: ModelCall, utterance: Utterance) -> dict[str, Any]:
    body = call.body
    oddity = utterance.oddity
    status = "failed" if oddity == "failed" else "incomplete" if oddity in _REASONS else "completed"
    error = {"code": utterance.code, "message": "The scripted model server was told to fail."}
    return {
        "id": f"resp_{secrets.token_hex(16)}",
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "background": False,
        "error": error if oddity == "failed" else None,
        "incomplete_details": {"reason": _REASONS[oddity]} if oddity in _REASONS else None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "model": call.model,
        "output": _output(utterance),
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": None,
        "reasoning": {"effort": (body.get("reasoning") or {}).get("effort"), "summary": None},
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": "default",
        "store": body.get("store", True),
        "temperature": 1.0,
        "text": body.get("text") or {"format": {"type": "text"}},
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": [
            {"description": None, "parameters": None, "strict": True, **each}
            for each in body.get("tools") or ()
        ],
        "top_p": 1.0,
        "truncation": body.get("truncation", "disabled"),
        "usage": {
            "input_tokens": utterance.input_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": utterance.output_tokens,
            "output_tokens_details": {"reasoning_tokens": utterance.reasoning_tokens},
            "total_tokens": utterance.input_tokens + utterance.output_tokens,
        },
        "metadata": body.get("metadata") or {},
    }


def _output(utterance: Utterance) -> list[dict[str, Any]]:
    if utterance.oddity == "reasoning_only":
        return [{"type": "reasoning", "id": f"rs_{secrets.token_hex(8)}", "summary": []}]
    if utterance.tool_calls:
        return [
            {
                "type": "function_call",
                "id": f"fc_{secrets.token_hex(8)}",
                "call_id": each.id,
                "name": each.name,
                "arguments": each.arguments,
                "status": "completed",
            }
            for each in utterance.tool_calls
        ]
    if not utterance.text:
        return []
    part: dict[str, Any] = {"type": "output_text", "text": utterance.text, "annotations": [], "logprobs": []}
    if utterance.oddity == "refusal":
        part = {"type": "refusal", "refusal": utterance.text}
    return [
        {
            "type": "message",
            "id": f"msg_{secrets.token_hex(8)}",
            "role": "assistant",
            "status": "incomplete" if utterance.oddity == "truncated" else "completed",
            "phase": "final_answer",
            "content": [part],
        }
    ]


def _events(response: dict[str, Any], utterance: Utterance) -> Iterator[bytes]:
    """Yield the events of a streamed response, in the order of the real API."""
    for number, data in enumerate(_numberless_events(response, utterance)):
        yield event({"type": data["type"], "sequence_number": number, **data})


def _numberless_events(response: dict[str, Any], utterance: Utterance) -> Iterator[dict[str, Any]]:
    begun = {
        **response,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(response["output"]):
        yield from _item_events(index, item, utterance)
    yield {"type": f"response.{response['status']}", "response": response}


def _item_events(index: int, item: dict[str, Any], utterance: Utterance) -> Iterator[dict[str, Any]]:
    empty = json.loads(json.dumps(item))
    place = {"output_index": index, "item_id": item["id"]}
    if item["type"] == "message":
        empty |= {"status": "in_progress", "content": []}
    elif item["type"] == "function_call":
        empty |= {"status": "in_progress", "arguments": ""}
    yield {"type": "response.output_item.added", "output_index": index, "item": empty}
    if item["type"] == "message":
        part = item["content"][0]
        inner = {**place, "content_index": 0}
        kind, value = ("refusal", "refusal") if part["type"] == "refusal" else ("output_text", "text")
        extra = {"logprobs": []} if kind == "output_text" else {}
        yield {"type": "response.content_part.added", **inner, "part": {**part, value: ""}}
        for piece in utterance.pieces:
            yield {"type": f"response.{kind}.delta", **inner, "delta": piece, **extra}
        yield {"type": f"response.{kind}.done", **inner, value: utterance.text, **extra}
        yield {"type": "response.content_part.done", **inner, "part": part}
    elif item["type"] == "function_call":
        for piece in pieces_of(item["arguments"]):
            yield {"type": "response.function_call_arguments.delta", **place, "delta": piece}
        done = {"name": item["name"], "arguments": item["arguments"]}
        yield {"type": "response.function_call_arguments.done", **place, **done}
    yield {"type": "response.output_item.done", "output_index": index, "item": item}
