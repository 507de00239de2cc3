"""The gateway as a server: connections, sessions, and who is sent what."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from typing import Any

from aiohttp import WSMsgType, web
from services.tasks import Tasks

from playground.discord.faults import GATEWAY, Fault, Faults
from playground.discord.gateway.intents import (
    GUILD_MEMBERS,
    GUILD_PRESENCES,
    GUILDS,
    MESSAGE_CONTENT,
    PRIVILEGED,
    needed_for,
)
from playground.discord.gateway.session import (
    ACK,
    BROKEN,
    HEARTBEAT,
    HELLO,
    IDENTIFY,
    INVALID,
    PRESENCE,
    RECONNECT,
    REQUEST_MEMBERS,
    RESUME,
    Connection,
    Session,
    frame,
)
from playground.discord.state import Guild, Payload
from playground.discord.world import World

log = logging.getLogger(__name__)

HEARTBEAT_MS = 41_250
RESUME_SECONDS = 180.0
IDENTIFIES_A_DAY = 1000
UNKNOWN_OPCODE, UNDECODABLE, NOT_AUTHENTICATED, WRONG_TOKEN = 4001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, INVALID_SEQUENCE, INVALID_SHARD, DISALLOWED_INTENTS = 4005, 4007, 4010, 4014
_ENDS_SESSION = frozenset({1000, 1001})
_CLOSING_SECONDS = 2.0
_SHOWN_BY = {GUILD_PRESENCES: 1 << 13, GUILD_MEMBERS: 1 << 15, MESSAGE_CONTENT: 1 << 19}


class Gateway:
    """Sends events to sessions; keeps them for those who resume.

    Attributes:
        url: Its address.
        sessions: By id; also those whose connection broke a short while ago.
        identifies: How often a client identified.
        identifies_left: How often one still may today; after that the token is void.
        resume_seconds: How long a session without a connection can be resumed.
        max_concurrency: How many shards may identify at once; clients go by it.
        recommended_shards: What `/gateway/bot` recommends.
        granted_intents: The privileged intents that the application's settings allow, but for that of
            message content, which is the world's.
        duplicate_next: Sends the next event twice, as a replay may.
        unimplemented: Where what is missing here is recorded.
    """

    def __init__(self, world: World, token: str, faults: Faults, unimplemented: list[str]) -> None:
        self._world = world
        self._token = token
        self._faults = faults
        self.url = ""
        self._tasks = Tasks()
        self._connections: set[Connection] = set()
        self.unimplemented = unimplemented
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        self.identifies_left = IDENTIFIES_A_DAY
        self.resume_seconds = RESUME_SECONDS
        self.max_concurrency = 1
        self.recommended_shards = 1
        self.duplicate_next = False
        self.granted_intents = 0
        world.listeners.append(self._on_event)

    @property
    def forbid_content_intent(self) -> bool:
        """Whether the application's settings disallow the message content intent."""
        return not self._world.message_content

    @forbid_content_intent.setter
    def forbid_content_intent(self, forbidden: bool) -> None:
        self._world.message_content = not forbidden

    @property
    def application_flags(self) -> int:
        """The flags by which a small application shows its privileged intents."""
        granted = self._granted()
        return sum(flag for intent, flag in _SHOWN_BY.items() if granted & intent)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection."""
        socket = web.WebSocketResponse(max_msg_size=0, timeout=_CLOSING_SECONDS)
        await socket.prepare(request)
        connection = Connection(request, socket)
        self._connections.add(connection)
        writing = self._tasks.start(connection.write(), name="gateway connection")
        connection.send(frame(HELLO, {"heartbeat_interval": HEARTBEAT_MS}))
        reading = self._tasks.start(self._read(connection, socket), name="gateway client")
        try:
            await asyncio.wait([reading, writing], return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                # Closed while somebody reads, aiohttp would not wait for the client's own close frame; and a
                # client that cannot write it takes the code for 1006, after which it resumes.
                reading.cancel()
                await asyncio.wait([reading])
                await socket.close(code=writing.result())
        finally:
            reading.cancel()
            writing.cancel()
            self._connections.discard(connection)
            self._leave(connection, socket.close_code)
        return socket

    async def _read(self, connection: Connection, socket: web.WebSocketResponse) -> None:
        async for received in socket:
            if received.type is WSMsgType.TEXT and not connection.is_closing:
                self._receive(connection, received.data)

    def drop(self, code: int | None = BROKEN) -> None:
        """Break every connection; clients are expected to resume.

        Args:
            code: Of the close frame; None breaks the connection without one.
        """
        for connection in list(self._connections):
            if connection.session is not None:
                connection.session.leave()
            connection.abort() if code is None else connection.close(code)

    def ask_to_reconnect(self) -> None:
        """Send op 7 to every session."""
        for connection in self._connections:
            connection.send(frame(RECONNECT))

    def invalidate(self, *, resumable: bool = False) -> None:
        """Send op 9 to every session: clients must identify anew, or connect again and resume."""
        for session in list(self.sessions.values()):
            if resumable and session.connection is not None:
                session.connection.send(frame(INVALID, True))
            elif not resumable:
                self._invalidate(session)

    async def written(self) -> None:
        """Wait until all events so far are written to their sockets."""
        for connection in list(self._connections):
            if not connection.is_closing:
                await connection.written()

    async def aclose(self) -> None:
        """Close every connection."""
        self.drop(1001)
        await self._tasks.aclose()

    # ---- what clients send ---------------------------------------------------------------------

    def _receive(self, connection: Connection, text: str) -> None:
        try:
            message = json.loads(text)
            self._obey(connection, message["op"], message["d"])
        except (ValueError, LookupError, TypeError):
            log.warning("A client sent what cannot be understood: %.200s", text, exc_info=True)
            connection.close(UNDECODABLE)

    def _obey(self, connection: Connection, op: int, data: Any) -> None:
        if op == HEARTBEAT:
            connection.send(frame(ACK))
        elif op == IDENTIFY:
            self._identify(connection, data)
        elif op == RESUME:
            self._resume(connection, data)
        elif connection.session is None:
            connection.close(NOT_AUTHENTICATED)
        elif op == REQUEST_MEMBERS:
            self._answer_members(connection.session, data)
        elif op != PRESENCE:
            log.error("Not implemented by the local Discord: gateway op %s", op)
            self.unimplemented.append(f"gateway op {op}")
            connection.close(UNKNOWN_OPCODE)

    def _identify(self, connection: Connection, data: dict[str, Any]) -> None:
        self.identifies += 1
        self.identifies_left -= 1
        intents = int(data["intents"])
        number, count = data.get("shard") or (0, 1)
        if data["token"] != self._token or self.identifies_left < 0:
            connection.close(WRONG_TOKEN)
        elif connection.session is not None:
            connection.close(ALREADY_AUTHENTICATED)
        elif not 0 <= number < count:
            connection.close(INVALID_SHARD)
        elif intents & PRIVILEGED & ~self._granted():
            connection.close(DISALLOWED_INTENTS)
        else:
            self._forget_expired()
            session = Session(secrets.token_hex(16), intents, (number, count), connection)
            connection.session = session
            self.sessions[session.id] = session
            self._greet(session)
        self._world.changed()

    def _greet(self, session: Session) -> None:
        app = self._world.app
        guilds = [
            each for each in self._world.guilds.values() if session.handles(each.id) and self._has_app(each)
        ]
        ready: Payload = {
            "v": 10,
            "user": app.payload() | {"verified": True, "mfa_enabled": False, "flags": 0, "email": None},
            "guilds": [{"id": str(each.id), "unavailable": True} for each in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": str(app.id), "flags": self.application_flags},
        }
        self._deliver(session, "READY", ready)
        if session.intents & GUILDS:
            for guild in guilds:
                if not guild.unavailable:
                    all_members = bool(session.intents & GUILD_MEMBERS)
                    created = self._world.payloads.guild_create(guild, all_members=all_members)
                    self._deliver(session, "GUILD_CREATE", created)

    def _resume(self, connection: Connection, data: dict[str, Any]) -> None:
        session = self.sessions.get(data["session_id"])
        if data["token"] != self._token:
            connection.close(WRONG_TOKEN)
            return
        missed = None
        if session is not None and not session.has_expired(self.resume_seconds):
            if int(data["seq"]) > session.sequence:
                connection.close(INVALID_SEQUENCE)
                return
            missed = session.missed(int(data["seq"]))
        if session is None or missed is None:
            connection.send(frame(INVALID, False))
            return
        if session.connection is not None:
            session.connection.close(BROKEN)
        session.connection, connection.session = connection, session
        for event in missed:
            connection.send(event)
        self._deliver(session, "RESUMED", {})
        self._world.changed()

    def _answer_members(self, session: Session, data: dict[str, Any]) -> None:
        guild = self._world.guilds[int(data["guild_id"])]
        wanted = data.get("user_ids")
        asked = {int(each) for each in ([wanted] if isinstance(wanted, str | int) else wanted or ())}
        query = str(data.get("query") or "").lower()
        members = [
            each
            for each in guild.members.values()
            if (each.user.id in asked if asked else each.user.name.lower().startswith(query))
        ]
        chunk: Payload = {
            "guild_id": str(guild.id),
            "members": [each.payload() for each in members[: int(data.get("limit") or 1000)]],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [str(each) for each in asked - {each.user.id for each in members}],
            "nonce": data.get("nonce"),
        }
        self._deliver(session, "GUILD_MEMBERS_CHUNK", chunk)

    def _leave(self, connection: Connection, close_code: int | None) -> None:
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.leave()
        if close_code in _ENDS_SESSION and not connection.is_closing:
            self.sessions.pop(session.id, None)
        self._world.changed()

    # ---- what they are sent --------------------------------------------------------------------

    def _on_event(self, name: str, full: Payload, restricted: Payload) -> None:
        """Send an event to every session that asked for it and may see it."""
        guild_id = _guild_id(name, full)
        if not self._is_visible(name, full, guild_id):
            return
        intent = needed_for(name, is_direct=guild_id is None)
        for session in list(self.sessions.values()):
            if session.handles(guild_id) and intent & session.intents == intent:
                self._deliver(session, name, full if session.intents & MESSAGE_CONTENT else restricted)

    def _deliver(self, session: Session, name: str, data: Payload) -> None:
        fault = self._faults.strike(GATEWAY, name, data)
        twice = self.duplicate_next or (fault is not None and fault.action == "duplicate")
        self.duplicate_next = False
        if fault is not None and self._strike(session, fault):
            return
        event = session.event(name, data)
        if session.connection is None:
            return
        delay = fault.seconds if fault is not None and fault.action == "delay" else 0.0
        for _ in range(2 if twice else 1):
            session.connection.send(event, delay=delay)

    def _strike(self, session: Session, fault: Fault) -> bool:
        """Do what a fault says before the event is sent; return whether there is no event any more."""
        connection = session.connection
        if fault.action == "drop" and connection is not None:
            session.leave()
            connection.close(BROKEN)
        elif fault.action == "reconnect" and connection is not None:
            connection.send(frame(RECONNECT))
        elif fault.action == "invalid_session":
            self._invalidate(session)
        return fault.action in {"lose", "invalid_session"}

    def _invalidate(self, session: Session) -> None:
        self.sessions.pop(session.id, None)
        if session.connection is not None:
            session.connection.send(frame(INVALID, False))
            session.connection.session = None

    def _is_visible(self, name: str, data: Payload, guild_id: int | None) -> bool:
        if guild_id is not None and name != "GUILD_DELETE":
            guild = self._world.guilds.get(guild_id)
            if guild is None or guild.unavailable or not self._has_app(guild):
                return False
        if name == "TYPING_START" and data["user_id"] == str(self._world.app.id):
            return False
        if name == "INTERACTION_CREATE" or name.startswith("CHANNEL_"):
            return True  # bots are told of all channels, and of what is done with their commands
        channel_id = data.get("id") if name.startswith("THREAD_") else data.get("channel_id")
        channel = self._world.channels.get(int(channel_id)) if channel_id else None
        return channel is None or bool(self._world.permissions(self._world.app, channel))

    def _has_app(self, guild: Guild) -> bool:
        return self._world.app.id in guild.members

    def _granted(self) -> int:
        """Return the privileged intents that the application's settings allow."""
        return self.granted_intents | (MESSAGE_CONTENT if self._world.message_content else 0)

    def _forget_expired(self) -> None:
        expired = [each.id for each in self.sessions.values() if each.has_expired(self.resume_seconds)]
        for each in expired:
            del self.sessions[each]


def _guild_id(name: str, data: Payload) -> int | None:
    found = data.get("guild_id") or (
        data.get("id") if name in {"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"} else None
    )
    return int(found) if found else None
