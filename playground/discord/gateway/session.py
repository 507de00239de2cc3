"""Sessions of the gateway, and the connections over which they run."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from playground.discord.state import Payload

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE_STATE, RESUME = 0, 1, 2, 3, 4, 6
RECONNECT, REQUEST_MEMBERS, INVALID, HELLO, ACK = 7, 8, 9, 10, 11
BROKEN = 4000
"""Close code of a connection that is to be resumed."""
KEPT_EVENTS = 5000


def frame(op: int, data: object = None) -> Payload:
    """Return a frame that is no event."""
    return {"op": op, "d": data, "s": None, "t": None}


@dataclass(frozen=True, slots=True)
class _Order:
    """What a connection shall do next: write a frame, or close with a code."""

    frame: Payload | None = None
    close_code: int = 0
    delay: float = 0.0


class Connection:
    """One WebSocket. Frames are written in order by a task of its own."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self.session: Session | None = None
        self.is_closing = False
        self._request = request
        self._socket = socket
        self._orders: asyncio.Queue[_Order] = asyncio.Queue()
        self._waiting = 0
        self._idle = asyncio.Event()

    def send(self, frame: Payload, *, delay: float = 0.0) -> None:
        """Write a frame after those before it, and after a delay in seconds."""
        self._put(_Order(frame, delay=delay))

    def close(self, code: int) -> None:
        """Close after what was sent before."""
        self.is_closing = True
        self._put(_Order(close_code=code))

    def abort(self) -> None:
        """Break the connection at once, without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()
        self.close(BROKEN)

    async def written(self) -> None:
        """Wait until all that was sent so far is written; what a fault delays does not count."""
        await self._idle.wait()

    async def write(self) -> int:
        """Carry orders out until the connection breaks or is to be closed; return the code to close with."""
        code = BROKEN
        try:
            while not (order := await self._orders.get()).close_code:
                if order.delay:
                    await asyncio.sleep(order.delay)
                if order.frame is not None:
                    await self._socket.send_json(order.frame)
                self._done(order)
            code = order.close_code
        except ConnectionError:
            self.is_closing = True
        finally:
            self._waiting = 0
            self._idle.set()
        return code

    def _put(self, order: _Order) -> None:
        self._orders.put_nowait(order)
        if order.frame is not None and not order.delay:
            self._waiting += 1
            self._idle.clear()

    def _done(self, order: _Order) -> None:
        if not order.delay:
            self._waiting -= 1
        if self._waiting == 0:
            self._idle.set()


@dataclass(slots=True)
class Session:
    """What one shard asked for, and all that was sent to it, so that it can resume."""

    id: str
    intents: int
    shard: tuple[int, int]
    connection: Connection | None
    sequence: int = 0
    events: deque[Payload] = field(default_factory=lambda: deque[Payload](maxlen=KEPT_EVENTS))
    left_at: float = 0.0
    """When its connection broke, by the monotonic clock."""

    def handles(self, guild_id: int | None) -> bool:
        """Tell whether events of this guild come over this shard; direct messages come over the first."""
        number, count = self.shard
        return number == (0 if guild_id is None else (guild_id >> 22) % count)

    def event(self, name: str, data: Payload) -> Payload:
        """Return the next event and keep it."""
        self.sequence += 1
        made: Payload = {"op": DISPATCH, "d": data, "s": self.sequence, "t": name}
        self.events.append(made)
        return made

    def missed(self, sequence: int) -> list[Payload] | None:
        """Return the events after this number; None when they are no longer kept."""
        later = [each for each in self.events if each["s"] > sequence]
        return later if len(later) == self.sequence - sequence else None

    def leave(self) -> None:
        """Note that the connection is gone."""
        self.connection = None
        self.left_at = time.monotonic()

    def has_expired(self, seconds: float) -> bool:
        """Tell whether it has been without a connection for too long to be resumed."""
        return self.connection is None and time.monotonic() - self.left_at > seconds
