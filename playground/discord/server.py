"""The local Discord as one server, and what tests and the playground do with it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web

from playground.discord.cdn import Cdn
from playground.discord.errors import DiscordError
from playground.discord.faults import Fault, Faults, rate_limit_body
from playground.discord.gateway import Gateway
from playground.discord.people import People
from playground.discord.rest import Call, Handler, Rest, parse
from playground.discord.state import Channel, Message
from playground.discord.world import World

log = logging.getLogger(__name__)

API = "/api/v10"
MAX_BODY_BYTES = 64 * 1024 * 1024
GLOBAL_PER_SECOND = 50
Checker = Callable[[str, str, Any], list[str]]


class LocalDiscord(People):
    """REST, gateway and CDN on one loopback port.

    Use as an async context manager; what people do is in `People`.

    Attributes:
        requests: Every REST call, in order.
        unimplemented: Routes that were asked for and are not there (answered 501).
        violations: What `checker` found wrong with requests.
    """

    def __init__(self, *, port: int = 0, checker: Checker | None = None) -> None:
        self.world = World()
        super().__init__(self.world)
        self.token = f"local.{secrets.token_urlsafe(24)}"
        self.faults = Faults()
        self.requests: list[Call] = []
        self.unimplemented: list[str] = []
        self.violations: list[str] = []
        self._port = port
        self._checker = checker
        self.gateway = Gateway(self.world, self.token, lambda: self.gateway_url)
        self.cdn = Cdn(self.world, self.faults)
        self._rest = Rest(self.world, lambda: self.gateway_url)

    @property
    def api_url(self) -> str:
        """The address of the REST API."""
        return f"http://127.0.0.1:{self._port}{API}"

    @property
    def gateway_url(self) -> str:
        """The address of the gateway."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def cdn_host(self) -> str:
        """Host and port of the CDN."""
        return f"127.0.0.1:{self._port}"

    def environment(self) -> dict[str, str]:
        """Return what a bot process needs in its environment to live here."""
        return {
            "DISCORD_TOKEN": self.token,
            "DISCORD_API_URL": self.api_url,
            "DISCORD_GATEWAY_URL": self.gateway_url,
            "DISCORD_CDN_HOSTS": self.cdn_host,
        }

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        for (method, path), handler in self._rest.routes().items():
            app.router.add_route(method, API + path, self._served(handler))
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        for folder in ("attachments", "ephemeral-attachments"):
            app.router.add_get(f"/{folder}/{{channel_id}}/{{attachment_id}}/{{name}}", self.cdn.serve)
        app.router.add_route("*", API + "/{rest:.*}", self._missing)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.world.cdn_url = f"http://{self.cdn_host}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.drop(1001)
        await self._runner.cleanup()

    async def wait_for(self, condition: Callable[[], Any], *, timeout: float = 20.0, what: str = "") -> Any:
        """Wait until a condition holds; it is looked at after every change. Returns its value.

        Raises:
            AssertionError: It did not come to hold in time.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (value := condition()):
                    await self.world.next_change()
                return value
        except TimeoutError:
            raise AssertionError(f"waited {timeout} s in vain for {what or condition}") from None

    def messages(self, channel: Channel | int) -> list[Message]:
        """Return the messages of a channel or thread that everybody sees, oldest first."""
        channel_id = channel if isinstance(channel, int) else channel.id
        held = self.world.channels.get(channel_id)
        return [each for _, each in sorted(held.messages.items()) if each.visible_to is None] if held else []

    def thread_of(self, message: Message) -> Channel | None:
        """Return the thread that was opened on a message."""
        return self.world.channels.get(message.id)

    async def flush(self) -> None:
        """Write dispatched events to the gateway's sockets."""
        await self.gateway.flush()

    def _served(self, handler: Handler) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.StreamResponse:
            call = await parse(request)
            call.path = unquote(request.path.removeprefix(API))
            self.requests.append(call)
            response = await self._answer(request, call, handler)
            call.status = response.status
            await self.flush()
            return response

        return serve

    async def _answer(self, request: web.Request, call: Call, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bot {self.token}" and not _needs_no_token(call.path):
            return _json({"message": "401: Unauthorized", "code": 0}, 401)
        fault = self.faults.strike(call.method, call.path)
        if fault is not None and (answer := await _before(request, fault)) is not None:
            return answer
        if self._checker is not None:
            self.violations += self._checker(call.method, call.path, call.body)
        try:
            body = await handler(call)
        except DiscordError as error:
            return _json(error.body, error.status)
        if fault is not None and fault.action == "lost_answer":
            await self.flush()
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=204) if body is None else _json(body, 200)

    async def _missing(self, request: web.Request) -> web.Response:
        route = f"{request.method} {request.path}"
        log.error("Not implemented by the local Discord: %s", route)
        self.unimplemented.append(route)
        return _json({"message": f"The local Discord does not know {route}", "code": 0}, 501)


def _needs_no_token(path: str) -> bool:
    return path.startswith(("/interactions/", "/webhooks/"))


async def _before(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    """Strike before anything was done; None to go on."""
    match fault.action:
        case "status":
            return _json({"message": "injected", "code": fault.code}, fault.status)
        case "html":
            return web.Response(status=fault.status, text="<html>Bad gateway</html>", content_type="text/html")
        case "garbage":
            return web.Response(body=b'{"id": ', headers={"Content-Type": "application/json"})
        case "rate_limit":
            body = rate_limit_body(fault.seconds or 0.2)
            headers = {"Via": "1.1 google", "Retry-After": str(body["retry_after"])}
            return _json(body, 429, headers)
        case "cloudflare":
            return web.Response(status=429, text="<html>error 1015</html>", content_type="text/html")
        case "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        case "delay":
            await asyncio.sleep(fault.seconds)
            return None
        case _:
            return None


def _json(body: Any, status: int, headers: dict[str, str] | None = None) -> web.Response:
    # Exactly this content type: with a charset behind it discord.py takes the body for text.
    response = web.json_response(body, status=status, headers=headers)
    response.headers["Content-Type"] = "application/json"
    return response
