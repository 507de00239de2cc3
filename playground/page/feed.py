"""The page's WebSocket: every person gets the events of what that person sees, as the bot gets its own."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from services.tasks import Tasks

from playground.discord.state import Payload, User
from playground.discord.world import World
from playground.page.providers import Json, Providers
from playground.page.views import Views

UNKNOWN_PERSON = 4004
HISTORY_MOST = 100
STATUS_SECONDS = 1.0
_PLACES = ("CHANNEL_", "GUILD_")
_MESSAGES = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE"})
_CLOSING_SECONDS = 2.0


@dataclass(slots=True, eq=False)
class _Reader:
    """One open page."""

    user: User
    socket: web.WebSocketResponse
    waiting: asyncio.Queue[str] = field(default_factory=asyncio.Queue[str])

    def send(self, name: str, data: Any) -> None:
        self.waiting.put_nowait(json.dumps({"t": name, "d": data}, ensure_ascii=False))


class Feed:
    """Watches the world for all open pages.

    To a page go: `READY` first (`Views.state`), `STATE` when channels, roles or members changed,
    `HISTORY` on request, `STATUS` when it changed, and the gateway's own events of messages,
    threads, reactions and typing.
    """

    def __init__(self, world: World, views: Views, providers: Providers) -> None:
        self._world = world
        self._views = views
        self._providers = providers
        self._readers: set[_Reader] = set()
        self._tasks = Tasks()
        self._status: Json = {}

    def start(self) -> None:
        """Watch from now on."""
        self._world.listeners.append(self._on_event)
        self._world.whispers.append(self._on_whisper)
        self._tasks.start(self._watch_status(), name="status of the page")

    async def aclose(self) -> None:
        """Close every page's socket; the pages try to come back."""
        for reader in list(self._readers):
            await reader.socket.close(code=1001)
        await self._tasks.aclose()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one page until it closes."""
        socket = web.WebSocketResponse(heartbeat=20, timeout=_CLOSING_SECONDS)
        await socket.prepare(request)
        user = self._views.person(request.query.get("user", ""))
        if user is None:
            await socket.close(code=UNKNOWN_PERSON)
            return socket
        reader = _Reader(user, socket)
        reader.send("READY", self._views.state(user) | {"faults": list(self._providers.faults)})
        reader.send("STATUS", self._status)
        self._readers.add(reader)
        writing = self._tasks.start(_write(reader), name="page connection")
        try:
            async for received in socket:
                if received.type is WSMsgType.TEXT:
                    self._receive(reader, received.data)
        finally:
            self._readers.discard(reader)
            writing.cancel()
        return socket

    def _receive(self, reader: _Reader, text: str) -> None:
        """Answer what a page asks for. History goes the way of events, so that neither overtakes the other."""
        try:
            asked = json.loads(text)
            channel = self._world.channels.get(int(asked["channel"]))
            before = int(asked["before"]) if asked.get("before") else None
            limit = min(int(asked.get("limit", 50)), HISTORY_MOST)
        except (ValueError, LookupError, TypeError, AttributeError):
            return
        if channel is not None and self._views.sees(reader.user, channel):
            messages, more = self._views.history(reader.user, channel, before, limit)
            answer: Json = {"channel": str(channel.id), "before": asked.get("before"), "more": more}
            reader.send("HISTORY", answer | {"messages": messages})

    def _on_event(self, name: str, full: Payload, _restricted: Payload) -> None:
        if name.startswith(_PLACES):
            for reader in self._readers:
                reader.send("STATE", self._views.state(reader.user))
            return
        place = full.get("id") if name.startswith("THREAD_") else full.get("channel_id")
        channel = self._world.channels.get(int(place)) if place else None
        if channel is None or name == "INTERACTION_CREATE":
            return
        for reader in self._readers:
            if not self._views.sees(reader.user, channel):
                continue
            if name in _MESSAGES:
                reader.send(name, self._views.fitted(reader.user, full))
            elif name in {"THREAD_CREATE", "THREAD_UPDATE"}:
                reader.send(name, self._views.channel(reader.user, channel))
            else:
                reader.send(name, full)

    def _on_whisper(self, reader_id: int, name: str, data: Payload) -> None:
        for reader in self._readers:
            if reader.user.id == reader_id:
                reader.send(name, data)

    async def _watch_status(self) -> None:
        while True:
            if (status := self._providers.status()) != self._status:
                self._status = status
                for reader in self._readers:
                    reader.send("STATUS", status)
            await asyncio.sleep(STATUS_SECONDS)


async def _write(reader: _Reader) -> None:
    while not reader.socket.closed:
        await reader.socket.send_str(await reader.waiting.get())
