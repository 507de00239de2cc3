"""The local Discord as one server, and what tests and the playground do with it."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Protocol, Self

from aiohttp import web

from playground.discord.cdn import FOLDERS, Cdn
from playground.discord.errors import DiscordError, MissingFeatureError, RateLimitError
from playground.discord.faults import Fault, Faults, rate_limit_body
from playground.discord.gateway import Gateway
from playground.discord.interactions import Interactions
from playground.discord.keeping import Keeper
from playground.discord.people import People
from playground.discord.rate_limits import RateLimits
from playground.discord.rest import Call, Handler, all_routes, read
from playground.discord.state import Channel, Message
from playground.discord.state.kinds import SYSTEM_MESSAGES
from playground.discord.world import World

log = logging.getLogger(__name__)

API = "/api/v10"
MAX_BODY_BYTES = 256 * 1024 * 1024
Checker = Callable[[str, str, Any], list[str]]
"""Gets method, path (without `/api/v10`) and body of a request; returns what is wrong with it."""
_OWN_TOKEN = ("/interactions/", "/webhooks/")
_MAJOR = ("channel_id", "guild_id", "token")


class Guest(Protocol):
    """What lives on the same port as the local Discord, e.g. a page for people."""

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Return what it answers; outside of `/api/` and of the CDN's folders."""
        ...

    async def start(self) -> None:
        """Begin; called when the port is known."""
        ...

    async def aclose(self) -> None:
        """End what is still open."""
        ...


class LocalDiscord(People):
    """REST, gateway and CDN on one loopback port.

    Use as an async context manager; what people do is in `People`.

    Attributes:
        token: The bot's.
        world: All that there is.
        requests: Every REST call, in order.
        unimplemented: What was asked for and is not there (answered 501), or failed here (500).
        violations: What `checker` found wrong with requests.
        faults: What shall go wrong.
        limits: The rate limits in force.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        checker: Checker | None = None,
        limits: RateLimits | None = None,
        folder: Path | None = None,
    ) -> None:
        """Prepare a server; it runs from `async with` on.

        Args:
            port: 0: a free one.
            checker: Looks at every request of the bot.
            limits: The rate limits in force.
            folder: Where the world is kept, so that it survives a restart; None: nowhere.
        """
        self.world = World()
        self.interactions = Interactions(self.world)
        super().__init__(self.world, self.interactions)
        self.token = f"local.{secrets.token_urlsafe(24)}"
        self.faults = Faults()
        self.limits = limits or RateLimits()
        self.requests: list[Call] = []
        self.unimplemented: list[str] = []
        self.violations: list[str] = []
        self.gateway = Gateway(self.world, self.token, self.faults, self.unimplemented)
        self.cdn = Cdn(self.world, self.faults)
        self._port = port
        self._checker = checker
        self._guests: list[Guest] = []
        self._keeper = Keeper(self.world, folder) if folder is not None else None

    def mount(self, guest: Guest) -> None:
        """Let something else live on the same port. Before the server runs."""
        self._guests.append(guest)

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
        if self._keeper is not None:
            await self._keeper.start()
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        routes = all_routes(self.world, self.gateway, self.interactions, self.limits)
        # Paths with fewer parameters first, so that @me is not taken for an id.
        for (method, path), handler in sorted(routes.items(), key=lambda each: each[0][1].count("{")):
            app.router.add_route(method, API + path, self._served(path, handler))
        for path in ("/gateway", "/gateway/"):
            app.router.add_get(path, self.gateway.serve)
        for folder in FOLDERS:
            app.router.add_get(f"/{folder}/{{channel_id}}/{{attachment_id}}/{{name}}", self.cdn.serve)
        app.router.add_route("*", API + "/{rest:.*}", self._served("/{rest}", self._missing))
        for guest in self._guests:
            app.router.add_routes(guest.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.world.urls.base = f"http://{self.cdn_host}"
        self.gateway.url = self.gateway_url
        for guest in self._guests:
            await guest.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.interactions.close()
        for guest in self._guests:
            await guest.aclose()
        await self.gateway.aclose()
        await self._runner.cleanup()
        if self._keeper is not None:
            await self._keeper.aclose()

    async def wait_for(self, condition: Callable[[], Any], *, timeout: float = 60.0, what: str = "") -> Any:
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
        """Return what people and bots wrote in a channel or thread for everybody, oldest first."""
        held = self.world.channels.get(channel if isinstance(channel, int) else channel.id)
        written = [each for each in held.messages.values() if each.type not in SYSTEM_MESSAGES] if held else []
        return sorted((each for each in written if each.visible_to is None), key=lambda each: each.id)

    def thread_of(self, message: Message) -> Channel | None:
        """Return the thread that was opened on a message."""
        return self.world.channels.get(message.id)

    def drop_gateway(self, code: int | None = 4000) -> None:
        """Break every connection to the gateway; None: without a close frame."""
        self.gateway.drop(code)

    async def delivered(self) -> None:
        """Wait until all events so far are written to the gateway's sockets."""
        await self.gateway.written()

    # ---- REST ----------------------------------------------------------------------------------

    def _served(self, route: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            ids = dict(request.match_info)
            call = Call(request.method, request.path.removeprefix(API), ids, dict(request.query))
            self.requests.append(call)
            response = await self._answer(request, call, route, handler)
            call.status = response.status
            self.limits.answered(response.status)
            self.world.changed()
            return response

        return serve

    async def _answer(
        self, request: web.Request, call: Call, route: str, handler: Handler
    ) -> web.StreamResponse:
        if self.limits.is_banned:
            return _banned()
        needs_token = not call.path.startswith(_OWN_TOKEN)
        if needs_token and not self._is_token(request.headers.get("Authorization")):
            return _json({"message": "401: Unauthorized", "code": 0}, 401)
        major = next((call.ids[name] for name in _MAJOR if name in call.ids), "")
        verdict = self.limits.take(call.method, route, major, counts_globally=needs_token)
        if verdict.retry_after is not None:
            return _too_many(verdict.retry_after, verdict.headers, is_global=verdict.is_global)
        try:
            await read(request, call)
            fault = self.faults.strike(call.method, call.path, call.body)
            if fault is not None and (answer := await _before(request, fault)) is not None:
                return answer
            if self._checker is not None:
                self.violations += self._checker(call.method, call.path, call.body)
            body = handler(call)
        except DiscordError as error:
            return _json(error.body, error.status, verdict.headers)
        except RateLimitError as error:
            return _too_many(error.retry_after, verdict.headers)
        except MissingFeatureError as error:
            return self._loudly(501, call, f"does not know {error}")
        except Exception as error:
            log.exception("The local Discord failed at %s %s", call.method, call.path)
            return self._loudly(500, call, f"failed: {error!r}")
        if fault is not None and fault.action == "lost_answer" and request.transport is not None:
            request.transport.abort()
        return (
            web.Response(status=204, headers=verdict.headers)
            if body is None
            else _json(body, 200, verdict.headers)
        )

    def _missing(self, call: Call) -> None:
        raise MissingFeatureError(f"{call.method} {API}{call.path}")

    def _loudly(self, status: int, call: Call, what: str) -> web.Response:
        log.error("%s %s: the local Discord %s", call.method, call.path, what)
        self.unimplemented.append(f"{call.method} {API}{call.path}")
        return _json({"message": f"The local Discord {what}", "code": 0}, status)

    def _is_token(self, authorization: str | None) -> bool:
        return authorization == f"Bot {self.token}" and self.gateway.identifies_left >= 0


async def _before(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    """Strike before anything was done; None to go on."""
    match fault.action:
        case "status":
            return _json(DiscordError(fault.status, fault.code).body, fault.status)
        case "html":
            page = "<html><body>Bad gateway</body></html>"
            return web.Response(status=fault.status, text=page, content_type="text/html")
        case "garbage":
            return web.Response(body=b'{"id": ', headers={"Content-Type": "application/json"})
        case "rate_limit":
            return _too_many(fault.seconds or 0.2, {})
        case "cloudflare":
            return _banned()
        case "reset":
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        case "delay":
            await asyncio.sleep(fault.seconds)
            return None
        case "event":
            if fault.happens is not None:
                fault.happens()
            return None
        case _:
            return None


def _too_many(seconds: float, headers: dict[str, str], *, is_global: bool = False) -> web.Response:
    # Without Via a client takes it for Cloudflare's ban.
    shown = headers | {
        "Via": "1.1 google",
        "Retry-After": f"{seconds:.3f}",
        "X-RateLimit-Scope": "global" if is_global else "user",
    }
    return _json(rate_limit_body(seconds, is_global=is_global), 429, shown)


def _banned() -> web.Response:
    page = "<html><title>Access denied | discord.com used Cloudflare to restrict access</title></html>"
    return web.Response(status=429, text=page, content_type="text/html")


def _json(body: Any, status: int, headers: dict[str, str] | None = None) -> web.Response:
    # Exactly this content type: with a charset behind it discord.py takes the body for text.
    shown = (headers or {}) | {"Content-Type": "application/json"}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=shown)
