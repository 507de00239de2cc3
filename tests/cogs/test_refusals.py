"""A client whose requests are refused too often stops sending any."""

from __future__ import annotations

import aiohttp
import pytest

from cogs._refusals import RequestsPausedError, watch
from playground.discord import LocalDiscord
from services.refusals import Refusals


async def test_client_falls_silent_before_it_is_banned() -> None:
    """From the limit on no request leaves the machine; the error counts as Discord being away."""
    refusals, trace = Refusals(limit=3), aiohttp.TraceConfig()
    watch(trace, refusals)
    async with (
        LocalDiscord() as local,
        aiohttp.ClientSession(trace_configs=[trace]) as session,
    ):
        for _ in range(3):
            async with session.get(f"{local.api_url}/users/@me", headers={"Authorization": "Bot no"}) as answer:
                assert answer.status == 401
        with pytest.raises(RequestsPausedError) as raised:
            await session.get(f"{local.api_url}/users/@me")
        assert isinstance(raised.value, aiohttp.ClientError)
        assert len(local.requests) == 3
    assert refusals.recent() == 3
