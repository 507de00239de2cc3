"""Counts the requests that Discord refuses, and stops a client before it is banned for them."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp
from services.refusals import Refusals


class RequestsPausedError(aiohttp.ClientConnectionError):
    """Too many requests were refused: for now none is sent."""


def watch(trace: aiohttp.TraceConfig, refusals: Refusals) -> None:
    """Have a client's refused requests counted, and its requests stopped while there are too many."""

    async def before(_session: aiohttp.ClientSession, _: SimpleNamespace, __: object) -> None:
        if refusals.is_paused:
            raise RequestsPausedError

    async def after(
        _session: aiohttp.ClientSession, _: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        refusals.note(ended.response.status, ended.response.headers.get("X-RateLimit-Scope", ""))

    trace.on_request_start.append(before)
    trace.on_request_end.append(after)
