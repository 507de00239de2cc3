"""The page as part of the local Discord's server: static files, WebSocket, and what people do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from playground.discord.server import LocalDiscord
from playground.page.asking import Asked, Desk, RefusedError, refusal
from playground.page.feed import Feed
from playground.page.interacting import Interacting
from playground.page.providers import Json, Providers
from playground.page.talking import Talking
from playground.page.views import Views

STATIC = Path(__file__).parent / "static"
_HOSTS = frozenset({"127.0.0.1", "localhost"})
_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' blob: data:; media-src 'self' blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cache-Control": "no-cache",
}
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}

_Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page:
    """A chat client for people in the browser; mount it with `LocalDiscord.mount`.

    Who looks is said by `?user=` (an id or a name), so that two tabs can be two people. Nothing here
    is secret from anybody on this machine; other websites are kept out by Host and Origin.
    """

    def __init__(self, local: LocalDiscord, providers: Providers | None = None) -> None:
        self._providers = providers or Providers()
        self._views = Views(local.world)
        self._feed = Feed(local.world, self._views, self._providers)
        self._desk = Desk(local.world, self._views)
        self._handlers = Talking(local, self._providers).handlers() | Interacting(local).handlers()
        self._handlers |= {"fault": self._fault}

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Return what is answered: the page at `/`, all else below `/page/`."""
        yield web.get("/", _guarded(self._start))
        yield web.get("/page/static/{name}", _guarded(self._file))
        yield web.get("/page/socket", _guarded(self._feed.serve))
        yield web.get("/page/api/samples", _guarded(self._samples))
        yield web.get("/page/api/samples/{name}", _guarded(self._sample))
        yield web.get("/page/api/trace", _guarded(self._trace))
        yield web.get("/page/api/sent/{name}", _guarded(self._sent))
        yield web.get("/page/api/status", _guarded(self._status))
        for name, handler in self._handlers.items():
            yield web.post(f"/page/api/{name}", _guarded(self._desk.serving(handler)))

    async def start(self) -> None:
        """Watch the world from now on."""
        self._feed.start()

    async def aclose(self) -> None:
        """Close all pages' connections."""
        await self._feed.aclose()

    async def _start(self, request: web.Request) -> web.StreamResponse:
        named = request.query.get("user", "")
        if named and self._views.person(named) is None:
            # An old address, or a name that was misspelt: somebody is better than an empty page.
            raise web.HTTPFound("/")
        return await self._file(request)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = STATIC / request.match_info.get("name", "index.html")
        if path.suffix not in _TYPES or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(
            path, headers=_SECURITY | {"Content-Type": f"{_TYPES[path.suffix]}; charset=utf-8"}
        )

    async def _samples(self, _: web.Request) -> web.Response:
        samples = await asyncio.to_thread(self._providers.samples)
        return web.json_response([{"name": each.name, "shows": each.shows} for each in samples])

    async def _sample(self, request: web.Request) -> web.Response:
        data = await asyncio.to_thread(self._sample_data, request.match_info["name"])
        if data is None:
            raise web.HTTPNotFound
        return _attachment(data, "application/octet-stream")

    def _sample_data(self, name: str) -> bytes | None:
        return next((each.data for each in self._providers.samples() if each.name == name), None)

    async def _trace(self, request: web.Request) -> web.Response:
        found = await asyncio.to_thread(self._providers.trace, request.query.get("job", "newest"))
        return web.json_response(found)

    async def _sent(self, request: web.Request) -> web.Response:
        found = await asyncio.to_thread(self._providers.picture, request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return _attachment(*found)

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response(self._providers.status())

    async def _fault(self, asked: Asked) -> Json | None:
        try:
            await asyncio.to_thread(self._providers.fault, str(asked.body.get("kind")))
        except LookupError:
            raise RefusedError("no-such-fault") from None
        return None


def _guarded(serve: _Serve) -> _Serve:
    """Keep out what other websites send, and names that only pretend to be this machine."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc != request.host
        if foreign or urlsplit(f"//{request.host}").hostname not in _HOSTS:
            response = refusal("not-from-here", {})
            response.set_status(403)
            return response
        return await serve(request)

    return guarded


def _attachment(body: bytes, content_type: str) -> web.Response:
    """Return bytes that a browser never takes for a page of this host."""
    return web.Response(
        body=body,
        headers={
            "Content-Type": content_type,
            "Content-Disposition": "attachment",
            "X-Content-Type-Options": "nosniff",
        },
    )
