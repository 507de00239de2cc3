"""A connection to SQLite that does small things on the spot.

aiosqlite hands everything to a thread of its own: a transaction of three statements goes there and back about
fourteen times, and each time waits until the busy event loop looks. A statement that touches a few rows takes
SQLite less than one such trip. So transactions that say they are brief go to the thread only where SQLite may
have to wait: for its lock at the beginning, for the disk at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, cast

import aiosqlite
from sqlalchemy.ext.asyncio import AsyncConnection


class BriefConnection(aiosqlite.Connection):
    """Does what is asked of it on the event loop while it is brief; one task uses it at a time.

    Opens when it is awaited.

    Args:
        path: Of the file.
        busy_seconds: How long SQLite waits for a writer of another process.
    """

    def __init__(self, path: str, *, busy_seconds: float) -> None:
        def connector() -> sqlite3.Connection:
            # Two threads use it, never both at once; SQLite itself allows even that.
            return sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)

        super().__init__(connector, iter_chunk_size=64)
        # As SQLAlchemy does where it makes them: what was left open must not keep the process alive.
        self._thread.daemon = True
        self.is_brief = False
        self.flushes: bool | None = True
        """Whether the end of a transaction waits until the disk has it; None: not known."""
        # Each counted by one thread only, so that nothing is lost.
        self._asked = 0
        self._done = 0

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Overrides the way that all of aiosqlite's calls take."""
        # What a cancelled task has left to the thread may be waiting for a lock, and would block the loop.
        if (self.is_brief or _is_nothing(fn)) and self._asked == self._done:
            return fn(*args, **kwargs)

        def work() -> Any:
            try:
                return fn(*args, **kwargs)
            finally:
                self._done += 1

        self._asked += 1
        return await cast("Awaitable[Any]", super()._execute(work))  # pyright: ignore[reportUnknownMemberType]


def _is_nothing(function: Callable[..., Any]) -> bool:
    """Tell whether something takes no time at all: to make a cursor, or to close one."""
    name, owner = getattr(function, "__name__", ""), getattr(function, "__self__", None)
    return name == "cursor" or (name == "close" and isinstance(owner, sqlite3.Cursor))


async def driver_of(connection: AsyncConnection) -> BriefConnection:
    """Return what SQLAlchemy talks to."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, BriefConnection)
    return driver
