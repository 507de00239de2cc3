"""`/livez`, `/readyz` and `/metrics` over HTTP, on loopback unless the operator says otherwise."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable

from aiohttp import web

from services.operating.health import Health
from services.operating.metrics import CONTENT_TYPE, Metrics
from services.settings import MetricsSettings

log = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 1.0


class OperatorServer:
    """Answers an operator's machines.

    Args:
        refresh: Brings the metrics that are read rather than counted up to date. Must not raise.
    """

    def __init__(
        self,
        settings: MetricsSettings,
        *,
        health: Health,
        metrics: Metrics,
        refresh: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._health = health
        self._metrics = metrics
        self._refresh = refresh
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen; a port that somebody else holds is no reason not to work."""
        if not self._settings.port:
            return
        app = web.Application()
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._expose)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        host, port = self._settings.host, self._settings.port
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else type(error).__name__
            log.warning("No health checks and no metrics: %s:%d cannot be used (%s)", host, port, reason)
            await runner.cleanup()
            return
        self._runner = runner
        log.info("Health checks and metrics: http://%s:%d/", host, port)

    async def aclose(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _livez(self, _request: web.Request) -> web.Response:
        if self._health.is_alive():
            return web.Response(text="ok\n")
        return web.Response(status=503, text=f"no heartbeat for {self._health.heartbeat_age:.0f} s\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        if missing := await self._health.missing():
            return web.Response(status=503, text="".join(f"{name}: not ready\n" for name in missing))
        return web.Response(text="ok\n")

    async def _expose(self, _request: web.Request) -> web.Response:
        self._metrics.heartbeat(self._health.heartbeat_age)
        await self._refresh()
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})
