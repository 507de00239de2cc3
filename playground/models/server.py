"""The scripted model server: the API of OpenAI over loopback."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, Self

from aiohttp import web

from playground.models import (
    chat_api,
    images_api,
    moderation_api,
    responses_api,
    sending,
    transcription_api,
)
from playground.models.abilities import Abilities, Listener, Reader
from playground.models.calls import ModelCall, repeated
from playground.models.drawing import Drawer
from playground.models.errors import ApiError
from playground.models.faults import Faults, ModelFault
from playground.models.receiving import receive
from playground.models.replies import Reply

log = logging.getLogger(__name__)

API = "/v1"
MAX_BODY_BYTES = 64 * 1024 * 1024
MODELS = (
    "gpt-6-luna",
    "gpt-6-sol",
    "gpt-6.2-sol",
    "gpt-transcribe",
    "gpt-image-2.6-flare",
    "omni-moderation-latest",
)
"""What the list of models holds; others are answered all the same, unless they are `missing_models`."""


class RequestCheck(Protocol):
    """Says what is wrong with a request; empty when nothing is."""

    def __call__(self, method: str, path: str, body: Any, *, content_type: str = ...) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """How one path is served: `read` takes the request apart, `answer` answers what was read."""

    read: Callable[[ModelCall], None]
    answer: Callable[[ModelCall], Reply]


_ENDPOINTS = {
    "/responses": _Endpoint(responses_api.read, responses_api.answer),
    "/chat/completions": _Endpoint(chat_api.read, chat_api.answer),
    "/audio/transcriptions": _Endpoint(transcription_api.read, transcription_api.answer),
    "/images/generations": _Endpoint(images_api.read, images_api.answer),
    "/images/edits": _Endpoint(images_api.read_edit, images_api.answer_edit),
    "/moderations": _Endpoint(moderation_api.read, moderation_api.answer),
}
_MODEL_OPTIONAL = frozenset({"/moderations"})


class ScriptedModels:
    """A server of the OpenAI API whose answers say what it was sent.

    Use as an async context manager.

    Attributes:
        calls: Every call, in order.
        abilities: How able its models are; may be exchanged between calls.
        latency: Seconds that each answer takes, counted from the call's arrival.
        faults: What goes wrong on demand.
        violations: What `checker` found wrong with requests.
        unimplemented: What was asked for and is not there (answered 501).
        shutdown_dates: Dates of models that will end, by model.
        missing_models: Models that do not exist.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        latency: float = 0.0,
        checker: RequestCheck | None = None,
        hearing: Listener | None = None,
        reading: Reader | None = None,
        drawer: Drawer = "faithful",
        poor_first_description: bool = False,
        judge_noise: float = 0.0,
        lying_judge: bool = False,
        seed: int = 0,
    ) -> None:
        self.abilities = Abilities(
            hearing, reading, drawer, poor_first_description, judge_noise, lying_judge, seed
        )
        self.key = f"local-{secrets.token_urlsafe(16)}"
        self.latency = latency
        self.faults = Faults()
        self.calls: list[ModelCall] = []
        self.violations: list[str] = []
        self.unimplemented: list[str] = []
        self.shutdown_dates: dict[str, str] = {}
        self.missing_models: set[str] = set()
        self._checker = checker
        self._port = port
        self._changed = asyncio.Event()
        self._closing = asyncio.Event()

    @property
    def base_url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self._port}{API}"

    @property
    def tokens(self) -> tuple[int, int]:
        """Input and output tokens of all calls together."""
        return sum(each.tokens[0] for each in self.calls), sum(each.tokens[1] for each in self.calls)

    def environment(self) -> dict[str, str]:
        """Return what a bot process needs in its environment to ask here."""
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": self.key}

    def fail(self, fault: ModelFault) -> ModelFault:
        """Add a fault."""
        return self.faults.add(fault)

    def repeats(self) -> dict[str, int]:
        """Return the digests of payloads that got an ordinary answer more than once, with how often."""
        return repeated(self.calls)

    async def wait_for(self, condition: Callable[[], Any], *, timeout: float = 20.0, what: str = "") -> Any:
        """Wait until a condition holds; it is looked at whenever a call begins or ends. Returns its value.

        Raises:
            AssertionError: It did not come to hold in time.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (value := condition()):
                    await self._changed.wait()
                return value
        except TimeoutError:
            raise AssertionError(f"waited {timeout} s in vain for {what or condition}") from None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[self._guard])
        for path, endpoint in _ENDPOINTS.items():
            app.router.add_post(API + path, self._served(path, endpoint))
        app.router.add_get(f"{API}/models", self._models)
        app.router.add_get(f"{API}/models/{{model}}", self._model)
        app.router.add_route("*", "/{rest:.*}", self._missing)
        # Without the cancellation a call whose client has left would look as if it were still open.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        await self._runner.cleanup()

    # ---- routes --------------------------------------------------------------------------------

    def _served(self, path: str, endpoint: _Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            call = await receive(request)
            call.abilities, call.number = self.abilities, len(self.calls)
            self.calls.append(call)
            self._wake()
            try:
                return await self._answer(request, path, call, endpoint)
            except ApiError as error:
                self._finish(call, error.status)
                raise
            finally:
                self._finish(call, 0)  # broken off, where nothing else ended it

        return serve

    async def _answer(
        self, request: web.Request, path: str, call: ModelCall, endpoint: _Endpoint
    ) -> web.StreamResponse:
        if self._checker is not None:
            body = {**call.body, **_file_fields(call)}
            self.violations += self._checker("POST", path, body, content_type=request.content_type)
        if not call.model and path not in _MODEL_OPTIONAL:
            raise ApiError(400, "missing_required_parameter", "You must provide a model parameter")
        if call.model in self.missing_models:
            raise _no_such_model(call.model)
        await _read(call, endpoint)
        call.fault = self.faults.strike(call)
        finish = partial(self._finish, call)
        if (instead := await sending.instead(request, call.fault, self._closing, finish)) is not None:
            return instead
        if (rest := call.started + self.latency - time.monotonic()) > 0:
            await asyncio.sleep(rest)
        reply = await asyncio.to_thread(endpoint.answer, call)
        return await sending.send(request, reply, call.fault, finish)

    async def _models(self, _: web.Request) -> web.StreamResponse:
        data = [self._described(name) for name in MODELS if name not in self.missing_models]
        return web.json_response({"object": "list", "data": data})

    async def _model(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["model"]
        if name in self.missing_models:
            raise _no_such_model(name)
        return web.json_response(self._described(name))

    async def _missing(self, request: web.Request) -> web.StreamResponse:
        raise ApiError(501, "not_implemented", f"The scripted model server does not know {request.path}")

    def _described(self, name: str) -> dict[str, Any]:
        model: dict[str, Any] = {
            "id": name,
            "object": "model",
            "created": 1_790_000_000,
            "owned_by": "scripted",
        }
        if name in self.shutdown_dates:
            model["shutdown_date"] = self.shutdown_dates[name]
        return model

    # ---- what all routes share -----------------------------------------------------------------

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            self._authorize(request)
            return await handler(request)
        except ApiError as error:
            if error.status == 501:
                asked = f"{request.method} {request.path}: {error.message}"
                log.error("Not implemented: %s", asked)  # noqa: TRY400 - no trace: the client is at fault
                self.unimplemented.append(asked)
            return error.response()

    def _authorize(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "")
        if not given:
            raise ApiError(401, "", "You didn't provide an API key.")
        if given != f"Bearer {self.key}":
            raise ApiError(401, "invalid_api_key")

    def _finish(self, call: ModelCall, status: int) -> None:
        """Note how a call ended: before the client knows, so that whoever was answered finds it noted."""
        if call.ended is None:
            call.status, call.ended = status, time.monotonic()
            self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


async def _read(call: ModelCall, endpoint: _Endpoint) -> None:
    try:
        # Decoding takes a while; the event loop is everybody's.
        await asyncio.to_thread(endpoint.read, call)
    except (LookupError, TypeError, AttributeError) as error:
        raise ApiError(400, "invalid_value", f"The body has the wrong shape: {error!r}") from error


def _file_fields(call: ModelCall) -> dict[str, Any]:
    """Return a form's files as its description has them: binary strings."""
    fields: dict[str, Any] = {}
    for each in call.uploads:
        if each.field.endswith("[]"):
            fields.setdefault(each.field, []).append(each.name)
        else:
            fields[each.field] = each.name
    return fields


def _no_such_model(name: str) -> ApiError:
    return ApiError(
        404, "model_not_found", f"The model '{name}' does not exist or you do not have access to it."
    )
