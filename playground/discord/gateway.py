"""The gateway: sessions over WebSocket, with heartbeats, resuming and everything the bot may see."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from services.permissions import Permission

from playground.discord.state import Payload
from playground.discord.world import World

HEARTBEAT_MS = 41_250
MESSAGE_CONTENT = 1 << 15
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
DISALLOWED_INTENTS = 4014


@dataclass(slots=True)
class Session:
    """One shard's connection, and what it missed while it was away."""

    id: str
    intents: int
    socket: web.WebSocketResponse | None
    sequence: int = 0
    events: list[Payload] = field(default_factory=list[Payload])


class Gateway:
    """Sends events to sessions; keeps them for those who resume."""

    def __init__(self, world: World, token: str, url: Callable[[], str]) -> None:
        self._world = world
        self._token = token
        self._url = url
        self._outgoing: list[tuple[Session, Payload]] = []
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        self.duplicate_next = False
        """Sends the next event twice, as a replay may."""
        self.forbid_content_intent = False
        world.dispatch = self.dispatch

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}, "s": None, "t": None})
        session: Session | None = None
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            message = json.loads(frame.data)
            match message["op"]:
                case 1:
                    await socket.send_json({"op": ACK, "d": None, "s": None, "t": None})
                case 2:
                    session = await self._identify(socket, message["d"])
                    if session is None:
                        break
                case 6:
                    session = await self._resume(socket, message["d"])
                case _:
                    pass
        if session is not None and session.socket is socket:
            session.socket = None
        return socket

    def dispatch(self, name: str, data: Payload) -> None:
        """Send an event to every session that may see it."""
        if not self._visible(data, name):
            return
        copies = 2 if self.duplicate_next else 1
        self.duplicate_next = False
        for session in self.sessions.values():
            for _ in range(copies):
                self._queue(session, name, data)

    async def drop(self, code: int = 4000) -> None:
        """Break every connection; clients are expected to resume."""
        for session in self.sessions.values():
            if session.socket is not None:
                socket, session.socket = session.socket, None
                await socket.close(code=code)

    async def ask_to_reconnect(self) -> None:
        """Send op 7 to every session."""
        for session in self.sessions.values():
            if session.socket is not None:
                await session.socket.send_json({"op": RECONNECT, "d": None, "s": None, "t": None})

    async def flush(self) -> None:
        """Write what was dispatched to the sockets."""
        while self._outgoing:
            session, event = self._outgoing.pop(0)
            if session.socket is not None and not session.socket.closed:
                await session.socket.send_json(event)

    async def _identify(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> Session | None:
        self.identifies += 1
        if data["token"] != self._token:
            await socket.close(code=4004)
            return None
        wants_content = bool(data["intents"] & MESSAGE_CONTENT)
        if wants_content and self.forbid_content_intent:
            await socket.close(code=DISALLOWED_INTENTS)
            return None
        self._world.message_content = wants_content
        session = Session(secrets.token_hex(16), data["intents"], socket)
        self.sessions = {session.id: session}
        app = self._world.app
        self._queue(
            session,
            "READY",
            {
                "v": 10,
                "user": app.payload(),
                "guilds": [{"id": str(each), "unavailable": True} for each in self._world.guilds],
                "session_id": session.id,
                "resume_gateway_url": self._url(),
                "shard": data.get("shard", [0, 1]),
                "application": {"id": str(app.id), "flags": 0},
            },
        )
        for guild in self._world.guilds.values():
            self._queue(session, "GUILD_CREATE", self._world.guild_create(guild))
        await self.flush()
        self._world.changed()
        return session

    async def _resume(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if session is None:
            await socket.send_json({"op": INVALID, "d": False, "s": None, "t": None})
            return None
        session.socket = socket
        for event in session.events[int(data["seq"]) :]:
            await socket.send_json(event)
        self._queue(session, "RESUMED", {})
        await self.flush()
        return session

    def _queue(self, session: Session, name: str, data: Payload) -> None:
        session.sequence += 1
        event = {"op": DISPATCH, "d": data, "s": session.sequence, "t": name}
        session.events.append(event)
        self._outgoing.append((session, event))

    def _visible(self, data: Payload, name: str) -> bool:
        channel_id = data.get("id") if name.startswith(("THREAD_", "CHANNEL_")) else data.get("channel_id")
        channel = self._world.channels.get(int(channel_id)) if channel_id else None
        if channel is None:
            return True
        return Permission.VIEW_CHANNEL in self._world.permissions(self._world.app, channel)
