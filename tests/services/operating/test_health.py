"""Health checks and metrics over HTTP."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from services.domain import Spend
from services.operating.health import Health
from services.operating.http_server import OperatorServer
from services.operating.metrics import Metrics
from services.settings import MetricsSettings


class Served:
    """A server on a port of its own."""

    def __init__(self, port: int) -> None:
        self.metrics = Metrics()
        self.health = Health(self.metrics)
        self.refreshed = 0
        self.server = OperatorServer(
            MetricsSettings(port=port), health=self.health, metrics=self.metrics, refresh=self._refresh
        )
        self._url = f"http://127.0.0.1:{port}"

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self._url + path) as response:
            return response.status, await response.text()

    async def _refresh(self) -> None:
        self.refreshed += 1


def bound() -> socket.socket:
    """Hold a port."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.listen()
    return held


async def test_readiness_names_what_is_missing() -> None:
    """A dependency that says no, raises or hangs is named; liveness does not depend on it."""

    async def yes() -> bool:
        return True

    async def broken() -> bool:
        raise OSError("away")

    with bound() as held:
        port = held.getsockname()[1]
    served = Served(port)
    await served.server.start()
    try:
        served.health.depend_on("engine", yes)
        assert await served.get("/readyz") == (200, "ok\n")
        served.health.depend_on("database", broken)
        assert await served.get("/readyz") == (503, "database: not ready\n")
        served.health.depend_on("database", yes)
        served.health.draining = True
        assert await served.get("/readyz") == (503, "draining: not ready\n")
        assert await served.get("/livez") == (200, "ok\n")

        served.metrics.model_called("vision", "ok", 1.5, Spend("vision", "m", 100, 20, 7, 0.5))
        served.metrics.step_ended("look#17", 0.2, "model-busy")
        served.metrics.responded("discord", 429)
        status, text = await served.get("/metrics")
        assert status == 200
        assert served.refreshed == 1
        assert 'isthmus_model_tokens_total{kind="input",role="vision"} 100.0' in text
        assert 'isthmus_model_spend_usd_total{role="vision"} 0.5' in text
        assert 'isthmus_step_errors_total{error="model-busy",step="look"} 1.0' in text
        assert 'isthmus_responses_total{service="discord",status="429"} 1.0' in text
    finally:
        await served.server.aclose()


async def test_heartbeat_keeps_the_process_alive() -> None:
    """Signs of life come by themselves, and the probe reports the loop's lag."""
    metrics = Metrics()
    health = Health(metrics)
    beating = asyncio.ensure_future(health.beat_for_ever())
    async with asyncio.timeout(30):
        while b"isthmus_loop_lag_seconds_count 0.0" in metrics.exposition():
            await asyncio.sleep(0.01)
    assert health.is_alive()
    beating.cancel()


async def test_taken_port_does_not_stop_the_bot(caplog: pytest.LogCaptureFixture) -> None:
    """Somebody else's port is warned of; the process works without the server."""
    with bound() as held:
        served = Served(held.getsockname()[1])
        await served.server.start()
        await served.server.aclose()
    assert "cannot be used" in caplog.text
