"""The scripted model server: Responses, Chat Completions, moderations and models over loopback."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from playground.models import answers
from playground.models.faults import ModelFault
from playground.models.sight import Sight, look

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024 * 1024
FLAGGED_MARKERS = range(4000, 4096)
"""Pictures with such a marker are flagged by moderation."""
FLAGGED_WORD = "FLAGME"
PIECE = 24
"""Characters of a streamed piece."""
CHARACTERS_PER_TOKEN = 4
Checker = Callable[[str, str, Any], list[str]]


@dataclass(slots=True)
class ModelCall:
    """One call as it arrived."""

    path: str
    body: Any
    text: str
    sights: list[Sight]
    started: float
    ended: float | None = None
    status: int = 0
    retry: int = 0


@dataclass(slots=True)
class _Answer:
    """What a language model says, before it is put into an API's words."""

    text: str
    input_tokens: int
    output_tokens: int
    fault: ModelFault | None = None
    pieces: list[str] = field(default_factory=list[str])


class ScriptedModels:
    """A server of the OpenAI API whose answers say what it was sent.

    Attributes:
        calls: Every call, in order.
        latency: Seconds before each answer.
        violations: What `checker` found wrong with requests.
        unimplemented: Routes that were asked for and are not there (answered 501).
    """

    def __init__(self, *, port: int = 0, latency: float = 0.0, checker: Checker | None = None) -> None:
        self.key = f"local-{secrets.token_urlsafe(16)}"
        self.latency = latency
        self.calls: list[ModelCall] = []
        self.violations: list[str] = []
        self.unimplemented: list[str] = []
        self.shutdown_dates: dict[str, str] = {}
        self.missing_models: set[str] = set()
        self._faults: list[ModelFault] = []
        self._checker = checker
        self._port = port
        self._changed = asyncio.Event()

    @property
    def base_url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self._port}/v1"

    def environment(self) -> dict[str, str]:
        """Return what a bot process needs in its environment to ask here."""
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": self.key}

    def fail(self, fault: ModelFault) -> ModelFault:
        """Add a fault."""
        self._faults.append(fault)
        return fault

    def repeats(self) -> int:
        """Return how many calls were answered well though the same one had been answered before."""
        digests = Counter(
            hashlib.sha256(json.dumps([call.path, call.body], sort_keys=True).encode()).hexdigest()
            for call in self.calls
            if call.status == 200
        )
        return sum(count - 1 for count in digests.values())

    async def wait_for(self, condition: Callable[[], Any], *, seconds: float = 20.0) -> Any:
        """Wait until a condition holds; it is looked at after every call. Returns its value."""
        async with asyncio.timeout(seconds):
            while not (value := condition()):
                await self._changed.wait()
        return value

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[self._guard])
        app.router.add_post("/v1/responses", self._responses)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/moderations", self._moderations)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/v1/models/{model}", self._model)
        app.router.add_route("*", "/{rest:.*}", self._missing)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    # ---- routes --------------------------------------------------------------------------------

    async def _responses(self, request: web.Request) -> web.StreamResponse:
        call = await self._record(request)
        answer = await self._answer(request, call)
        if isinstance(answer, web.StreamResponse):
            return answer
        response = _response(call, answer)
        if call.body.get("stream"):
            return await self._stream(request, answer, _response_events(response, answer))
        return web.json_response(response)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        call = await self._record(request)
        answer = await self._answer(request, call)
        if isinstance(answer, web.StreamResponse):
            return answer
        if call.body.get("stream"):
            return await self._stream(request, answer, _chat_events(call, answer))
        return web.json_response(_completion(call, answer))

    async def _moderations(self, request: web.Request) -> web.StreamResponse:
        call = await self._record(request)
        answer = await self._answer(request, call)
        if isinstance(answer, web.StreamResponse):
            return answer
        flagged = FLAGGED_WORD in call.text or any(each.marker in FLAGGED_MARKERS for each in call.sights)
        categories = {name: flagged and name == "violence" for name in _CATEGORIES}
        scores = {name: float(hit) for name, hit in categories.items()}
        applied = {name: ["text"] for name in _CATEGORIES}
        result = {
            "flagged": flagged,
            "categories": categories,
            "category_scores": scores,
            "category_applied_input_types": applied,
        }
        return web.json_response({"id": "modr_1", "model": call.body["model"], "results": [result]})

    async def _models(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"object": "list", "data": []})

    async def _model(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["model"]
        if name in self.missing_models:
            return _error(404, "model_not_found", f"The model {name} does not exist")
        model = {"id": name, "object": "model", "created": 0, "owned_by": "scripted"}
        if name in self.shutdown_dates:
            model["shutdown_date"] = self.shutdown_dates[name]
        return web.json_response(model)

    async def _missing(self, request: web.Request) -> web.StreamResponse:
        self.unimplemented.append(f"{request.method} {request.path}")
        return _error(501, "not_implemented", "The scripted model server does not know this route")

    # ---- what all routes share -----------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return _error(401, "invalid_api_key", "Incorrect API key provided")
        before = len(self.calls)
        response: web.StreamResponse = await handler(request)
        for call in self.calls[before:]:
            if call.path == request.path and call.ended is None and request.get("call") is call:
                call.ended, call.status = time.monotonic(), response.status
        self._wake()
        return response

    async def _record(self, request: web.Request) -> ModelCall:
        body = await request.json()
        if self._checker is not None:
            self.violations += self._checker(request.method, request.path.removeprefix("/v1"), body)
        texts, pictures = _parts(body)
        call = ModelCall(
            request.path, body, "\n".join(texts), [look(each) for each in pictures], time.monotonic()
        )
        call.retry = int(request.headers.get("x-stainless-retry-count", 0))
        request["call"] = call
        self.calls.append(call)
        self._wake()
        return call

    async def _answer(self, request: web.Request, call: ModelCall) -> _Answer | web.StreamResponse:
        fault = next((each for each in self._faults if each.strikes(call.path)), None)
        if fault is not None and (response := await _before(request, fault)) is not None:
            return response
        if self.latency:
            await asyncio.sleep(self.latency)
        schema = _schema(call.body)
        text = (
            answers.plain(call.text)
            if schema is None
            else json.dumps(answers.structured(schema, call.text, call.sights))
        )
        patches = sum(-(-each.width // 32) * -(-each.height // 32) for each in call.sights)
        return _Answer(
            text,
            input_tokens=len(call.text) // CHARACTERS_PER_TOKEN + int(1.2 * patches),
            output_tokens=len(text) // CHARACTERS_PER_TOKEN + 1,
            fault=fault,
            pieces=[text[at : at + PIECE] for at in range(0, len(text), PIECE)],
        )

    async def _stream(
        self, request: web.Request, answer: _Answer, events: AsyncIterator[bytes]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        broken = answer.fault is not None and answer.fault.action == "broken_stream"
        count = 0
        async for event in events:
            await response.write(event)
            count += 1
            if broken and count == 5:
                assert request.transport is not None
                request.transport.abort()
                return response
        await response.write_eof()
        return response

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


async def _before(request: web.Request, fault: ModelFault) -> web.StreamResponse | None:
    """Strike before an answer is made; None to go on."""
    match fault.action:
        case "status":
            headers = {} if fault.retry_after_ms is None else {"retry-after-ms": str(fault.retry_after_ms)}
            return _error(fault.status, fault.code, "injected", headers)
        case "html":
            return web.Response(status=fault.status, text="<html>proxy</html>", content_type="text/html")
        case "garbage":
            return web.Response(body=b'{"id": ', content_type="application/json")
        case "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        case "hang":
            await asyncio.sleep(fault.seconds)
            return None
        case _:
            return None


def _parts(body: Any) -> tuple[list[str], list[str]]:
    """Return all texts and all picture URLs of a request, wherever they stand."""
    texts: list[str] = []
    pictures: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                walk(each)
        elif isinstance(node, dict):
            kind = node.get("type")
            if kind in {"input_text", "text"} and isinstance(node.get("text"), str):
                texts.append(node["text"])
            elif kind == "input_image":
                pictures.append(node["image_url"])
            elif kind == "image_url":
                pictures.append(node["image_url"]["url"])
            elif isinstance(node.get("content"), str):
                texts.append(node["content"])
            else:
                for each in node.values():
                    walk(each)
        elif isinstance(node, str):
            texts.append(node)

    walk(body.get("input", body.get("messages", [])))
    return texts, pictures


def _schema(body: Any) -> dict[str, Any] | None:
    wanted = (body.get("text") or {}).get("format") or {}
    if wanted.get("type") == "json_schema":
        return wanted["schema"]
    wanted = body.get("response_format") or {}
    return wanted["json_schema"]["schema"] if wanted.get("type") == "json_schema" else None


def _response(call: ModelCall, answer: _Answer) -> dict[str, Any]:
    """Put an answer, or the fault in its place, into the words of the Responses API."""
    action = answer.fault.action if answer.fault else ""
    text = answer.text[: len(answer.text) // 2] if action == "truncated" else answer.text
    part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    if action == "refusal":
        part = {"type": "refusal", "refusal": "I can't help with that."}
    message = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "phase": "final_answer",
        "content": [part],
    }
    reasons = {"truncated": "max_output_tokens", "content_filter": "content_filter"}
    failed = {"code": answer.fault.code, "message": "injected"} if answer.fault and action == "failed" else None
    return {
        "id": f"resp_{secrets.token_hex(8)}",
        "object": "response",
        "created_at": int(time.time()),
        "model": call.body["model"],
        "status": "incomplete" if action in reasons else "failed" if failed else "completed",
        "error": failed,
        "incomplete_details": {"reason": reasons[action]} if action in reasons else None,
        "output": [] if action in {"failed", "empty", "content_filter"} else [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "store": call.body.get("store", True),
        "usage": {
            "input_tokens": answer.input_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": answer.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": answer.input_tokens + answer.output_tokens,
        },
    }


async def _response_events(response: dict[str, Any], answer: _Answer) -> AsyncIterator[bytes]:
    sequence = 0

    def event(kind: str, **values: Any) -> bytes:
        nonlocal sequence
        sequence += 1
        data = json.dumps({"type": kind, "sequence_number": sequence, **values})
        return f"event: {kind}\ndata: {data}\n\n".encode()

    started = response | {"status": "in_progress", "output": [], "usage": None}
    yield event("response.created", response=started)
    if answer.fault is not None and answer.fault.action == "stream_error":
        yield event("error", code=answer.fault.code, message="injected", param=None)
        return
    place = {"output_index": 0, "item_id": "msg_1"}
    if response["output"]:
        item = response["output"][0] | {"content": [], "status": "in_progress"}
        yield event("response.output_item.added", output_index=0, item=item)
        for piece in answer.pieces:
            yield event("response.output_text.delta", **place, content_index=0, delta=piece, logprobs=[])
            await asyncio.sleep(0)
    yield event(f"response.{response['status']}", response=response)


def _completion(call: ModelCall, answer: _Answer) -> dict[str, Any]:
    """Put an answer, or the fault in its place, into the words of Chat Completions."""
    action = answer.fault.action if answer.fault else ""
    reasons = {"truncated": "length", "content_filter": "content_filter"}
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None}
    if action == "refusal":
        message |= {"content": None, "refusal": "I can't help with that."}
    elif action == "empty":
        message["content"] = ""
    choice = {"index": 0, "message": message, "finish_reason": reasons.get(action, "stop"), "logprobs": None}
    return {
        "id": "chatcmpl_1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": call.body["model"],
        "choices": [choice],
        "usage": _chat_usage(answer),
    }


async def _chat_events(call: ModelCall, answer: _Answer) -> AsyncIterator[bytes]:
    base = {
        "id": "chatcmpl_1",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": call.body["model"],
    }

    def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return f"data: {json.dumps(base | {'choices': [choice], 'usage': None})}\n\n".encode()

    yield chunk({"role": "assistant", "content": ""})
    for piece in answer.pieces:
        yield chunk({"content": piece})
        await asyncio.sleep(0)
    yield chunk({}, "stop")
    yield f"data: {json.dumps(base | {'choices': [], 'usage': _chat_usage(answer)})}\n\n".encode()
    yield b"data: [DONE]\n\n"


def _chat_usage(answer: _Answer) -> dict[str, Any]:
    return {
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": answer.input_tokens + answer.output_tokens,
    }


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"error": {"message": message, "type": code, "param": None, "code": code}}
    return web.json_response(body, status=status, headers=headers)


_CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
