"""Answers on their way to the client, and what goes wrong there on demand."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from aiohttp import web

from playground.models.faults import ModelFault
from playground.models.replies import Reply

TRICKLE_SECONDS = 0.05
TRICKLE_PIECES = 20
_ABORTING = frozenset({"broken_stream", "reset_in_body"})
Finish = Callable[[int], None]
"""Is told the status (0: broken off) before the last of an answer is sent."""


async def instead(
    request: web.Request, fault: ModelFault | None, closing: asyncio.Event, finish: Finish
) -> web.StreamResponse | None:
    """Answer what a fault puts in an answer's place; None to go on.

    Raises:
        ApiError: The fault is an error of the API.
    """
    if fault is None:
        return None
    match fault.action:
        case "status":
            raise fault.error()
        case "html":
            finish(fault.status)
            page = "<html><head><title>Bad gateway</title></head><body>nginx</body></html>"
            return web.Response(status=fault.status, text=page, content_type="text/html")
        case "garbage":
            finish(200)
            return web.Response(body=b'{"id": ', content_type="application/json")
        case "hang":
            try:
                async with asyncio.timeout(fault.seconds):
                    await closing.wait()
            except TimeoutError:
                return None
            return _broken_off(request, finish)
        case "reset":
            return _broken_off(request, finish)
        case _:
            return None


async def send(
    request: web.Request, reply: Reply, fault: ModelFault | None, finish: Finish
) -> web.StreamResponse:
    """Send an answer, as far as the fault lets it."""
    action = fault.action if fault is not None else None
    chunks = reply.chunks
    if action in {"trickle", "reset_in_body"} and len(chunks) == 1:
        chunks = _pieces(chunks[0])
    if action in {"broken_stream", "short_stream", "stream_error", "reset_in_body"}:
        chunks = chunks[: max(len(chunks) // 2, 1)]
    if action == "stream_error":
        chunks = [*chunks, reply.error_event]
    response = web.StreamResponse()
    response.headers["Content-Type"] = reply.content_type
    response.headers["x-request-id"] = f"req_{secrets.token_hex(16)}"
    if len(reply.chunks) == 1:
        response.content_length = len(reply.chunks[0])
    await response.prepare(request)
    for number, chunk in enumerate(chunks, 1):
        if number == len(chunks):
            finish(0 if action in _ABORTING else response.status)
        await response.write(chunk)
        if fault is not None and action == "trickle":
            await asyncio.sleep(TRICKLE_SECONDS if fault.seconds is None else fault.seconds)
    if action in _ABORTING:
        _abort(request)
    else:
        await response.write_eof()
    return response


def _pieces(body: bytes) -> list[bytes]:
    length = max(len(body) // TRICKLE_PIECES, 1)
    return [body[at : at + length] for at in range(0, len(body), length)]


def _broken_off(request: web.Request, finish: Finish) -> web.Response:
    finish(0)
    _abort(request)
    return web.Response()


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
