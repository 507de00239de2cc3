"""What servers answer beside, or against, the letter of the API: read where it can be, else one sentence."""

from __future__ import annotations

import json
from typing import Any, Literal

import httpx2
import pytest

from services.ai._filled import TEXT_LIMIT
from services.ai.build import Models, build_models
from services.ai.protocols import LabelledReading, Picture
from services.configuration import load_settings
from services.domain import Description
from services.errors import ReplyError

Api = Literal["responses", "chat"]
Json = dict[str, Any]

FIELDS: Json = {
    "title": "A cat",
    "text": "It looks up.",
    "visible_text": "",
    "alt_text": "A cat.",
    "answer": "",
}
TEXT = json.dumps(FIELDS)
READING = LabelledReading("cat.png", Description("A cat", "It looks up.", "", ""))


def response(*parts: Any, **fields: Any) -> Json:
    """Return a response whose message has these parts; texts stand for parts of text."""
    content = [{"type": "output_text", "text": each} if isinstance(each, str) else each for each in parts]
    message = {"type": "message", "role": "assistant", "content": content}
    return {"id": "r", "object": "response", "status": "completed", "output": [message], **fields}


def completion(text: Any = TEXT, **fields: Any) -> Json:
    message = {"role": "assistant", "content": text, **fields.pop("message", {})}
    return {"id": "c", "choices": [{"index": 0, "finish_reason": "stop", "message": message}], **fields}


def chunk(delta: Any, finish: str | None = None) -> Json:
    return {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def models_for(api: Api, body: bytes, kind: str = "application/json") -> Models:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=body, headers={"content-type": kind})

    settings = load_settings({"OPENAI_API_KEY": "k"})
    role = settings.models.vision.model_copy(update={"api": api, "tries": 1})
    models = settings.models.model_copy(update={"vision": role, "text": role})
    return build_models(settings.model_copy(update={"models": models}), httpx2.MockTransport(answer))


async def described(api: Api, body: Any) -> tuple[Description, float | None]:
    models = models_for(api, body if isinstance(body, bytes) else json.dumps(body).encode())
    picture = Picture(b"\xff\xd8\xff", "image/jpeg", 8, 8)
    try:
        reply = await models.vision.describe([picture], question="", language="en", person="p")
    finally:
        await models.aclose()
    return reply.value, reply.spend.usd


async def answered(api: Api, *events: Json) -> str:
    body = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in events)
    models = models_for(api, body, "text/event-stream")
    try:
        reply = await models.text.answer(
            "q", readings=[READING], turns=[], language="en", person="p", on_text=lambda _: None
        )
    finally:
        await models.aclose()
    return reply.value


READABLE: dict[str, tuple[Api, Json]] = {
    "a part of a new kind": ("responses", response({"type": "output_hologram", "data": "x"}, TEXT)),
    "a part without text": ("responses", response({"type": "output_text", "text": None}, TEXT)),
    "usage without figures": ("responses", response(TEXT, usage={})),
    "usage of nulls": ("responses", response(TEXT, usage={"input_tokens": None, "output_tokens": None})),
    "thoughts with braces": ("chat", completion(f"<think>\nuse {{title}}\n</think>\n{TEXT}")),
    "words behind": ("chat", completion(f"{TEXT}\nHope that helps :}}")),
    "line breaks in strings": ("chat", completion(TEXT.replace("It looks", "It\nlooks"))),
    "nulls for what is empty": (
        "chat",
        completion(json.dumps({**FIELDS, "answer": None, "visible_text": None})),
    ),
    "fields left out": ("chat", completion(json.dumps({"title": "A cat", "text": "It looks up."}))),
    "half a character": ("chat", completion(json.dumps({**FIELDS, "answer": "a\ud800\x00b"}))),
    "usage without output": ("chat", completion(usage={"prompt_tokens": 10})),
    "a call without a function": ("chat", completion(message={"tool_calls": [{"type": "function"}]})),
}


@pytest.mark.parametrize(("api", "body"), READABLE.values(), ids=READABLE)
async def test_what_is_meant_is_read(api: Api, body: Json) -> None:
    """The description is read; where the server does not tell its tokens, no price is made up."""
    description, usd = await described(api, body)
    assert description.title == "A cat"
    assert "\x00" not in description.answer
    assert description.answer.isprintable()
    assert usd is None


UNREADABLE: dict[str, tuple[Api, Json | bytes]] = {
    "no item": ("responses", response(output=[None])),
    "error of another form": ("responses", response(status="failed", error="boom")),
    "no message": ("chat", {"choices": [{"index": 0, "finish_reason": "stop", "message": None}]}),
    "content of another form": ("chat", completion([{"type": "text", "text": TEXT}])),
    "no UTF-8": ("chat", b'{"choices": "\xff"}'),
    "nested too deep": ("chat", completion(f'{{"title": {"[" * 600}{"]" * 600}}}')),
    "nothing in all fields": ("chat", completion(json.dumps(dict.fromkeys(FIELDS, "")))),
}


@pytest.mark.parametrize(("api", "body"), UNREADABLE.values(), ids=UNREADABLE)
async def test_what_means_nothing_is_a_useless_reply(api: Api, body: Json | bytes) -> None:
    """It is told as the server's fault, which may pass, not as an error nobody foresaw."""
    with pytest.raises(ReplyError):
        await described(api, body)


async def test_answers_without_end_are_cut() -> None:
    """However much a server sends, what is laid out and posted is bounded; an endless stream is given up."""
    description, _ = await described("chat", completion(json.dumps({**FIELDS, "text": "word " * 200_000})))
    assert len(description.text) <= TEXT_LIMIT
    assert len(await answered("chat", chunk({"content": "word " * 10_000}), chunk({}, "stop"))) <= TEXT_LIMIT
    for api in ("responses", "chat"):
        more = {"type": "response.output_text.delta", "output_index": 0, "delta": "word " * 10_000}
        with pytest.raises(ReplyError, match="model-cut-short"):
            await answered(api, *[more | chunk({"content": "word " * 10_000})] * 5)


async def test_stream_may_hold_empty_events() -> None:
    """A last chunk without a delta, usage without figures, a delta without text: the answer stands."""
    usage: Json = {"choices": [], "usage": {}}
    assert await answered("chat", chunk({"content": "Hi"}), chunk(None, "stop"), usage) == "Hi"
    delta = {"type": "response.output_text.delta", "output_index": 0, "delta": None}
    done = {"type": "response.completed", "response": response("Hi \ud800 you")}
    assert await answered("responses", delta, done) == "Hi \ufffd you"
