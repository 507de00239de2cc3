"""The openai clients: one for each endpoint and key, made once, warmed at start, closed at the end."""

from __future__ import annotations

import asyncio
import ssl
from functools import cache

import httpx2
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from services.ai._rehearsal import rehearse
from services.ai.sent import note_answered, note_sent
from services.operating.metrics import Metrics
from services.settings import ModelSettings

CONNECT_SECONDS = 5.0


def account_of(role: ModelSettings) -> tuple[str, str]:
    """Return what tells apart who is asked and who pays: endpoint and key."""
    return role.base_url, role.api_key.get_secret_value()


@cache
def trusted_authorities() -> ssl.SSLContext:
    """Return who vouches for servers; reading that takes a tenth of a second, so all clients share it."""
    return httpx2.create_ssl_context()


class Clients:
    """Hands out clients; roles with the same endpoint and key share one.

    Args:
        transport: A test's stand-in for the network.
        metrics: What hears of every response, and of the tries that the SDK makes by itself.
    """

    def __init__(
        self, transport: httpx2.AsyncBaseTransport | None = None, metrics: Metrics | None = None
    ) -> None:
        self._transport = transport
        self._metrics = metrics or Metrics()
        self._clients: dict[tuple[str, str], AsyncOpenAI] = {}

    def of(self, role: ModelSettings) -> AsyncOpenAI:
        """Return the client of a role, with the role's own number of tries."""
        account = account_of(role)
        client = self._clients.get(account)
        if client is None:
            client = AsyncOpenAI(
                api_key=account[1],
                base_url=role.base_url or None,  # an empty one would break every call
                timeout=httpx2.Timeout(role.timeout_seconds, connect=CONNECT_SECONDS),
                http_client=self._http_client(),
            )
            self._clients[account] = client
        return client.with_options(max_retries=role.tries - 1)

    def _http_client(self) -> httpx2.AsyncClient:
        hooks = {"request": [self._asked], "response": [self._answered]}
        if self._transport is None:
            return DefaultAsyncHttpxClient(event_hooks=hooks, verify=trusted_authorities())
        return httpx2.AsyncClient(transport=self._transport, event_hooks=hooks)

    async def _asked(self, request: httpx2.Request) -> None:
        note_sent()
        if request.headers.get("x-stainless-retry-count", "0") != "0":
            self._metrics.retried("model")

    async def _answered(self, response: httpx2.Response) -> None:
        self._metrics.responded("models", response.status_code)
        if response.is_success:
            note_answered()

    async def warm_up(self) -> None:
        """Do what the first call would otherwise do on the event loop: imports, schemas."""
        await asyncio.to_thread(asyncio.run, rehearse())

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.close()
