"""One running bot a data folder, and one a Postgres database: the locks die with their process.

That of the database dies with its connection, too, for instance when the database is restarted. So it is
watched, and taken again; where another bot was quicker, this one has to end.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from services.tasks import Tasks

log = logging.getLogger(__name__)

LOCK_FILE = "isthmus.lock"
POLL_SECONDS = 0.25
WATCH_SECONDS = 5.0
ANSWER_SECONDS = 10.0
"""A connection that does not answer for so long is taken for lost."""
_DATABASE_LOCK = 0x67617465776179  # "gateway", as the key of a Postgres advisory lock
# The server notices within half a minute that the lock's machine is gone without a farewell.
_SERVER_OPTIONS = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"


class AlreadyRunningError(Exception):
    """Another process holds the lock and did not let go in time."""


@asynccontextmanager
async def hold_instance_lock(
    data_dir: Path,
    *,
    patience: float,
    postgres_url: str = "",
    lost: Callable[[], object] = lambda: None,
    watch_seconds: float = WATCH_SECONDS,
) -> AsyncGenerator[None]:
    """Hold the folder's lock, and the database's if it is a Postgres that other machines may share.

    Waits for the holder to end, at most `patience` seconds. Both are advisory locks: of the kernel
    (flock) and of a connection of its own. A killed process cannot leave one behind.

    Args:
        lost: Called when another bot holds the database's lock by now: whoever is in the block leaves it.
        watch_seconds: Between two looks at the database's lock.

    Raises:
        AlreadyRunningError: One is still held after that time; or one was lost, once the block is left.
    """
    deadline = time.monotonic() + patience
    async with _folder_lock(data_dir, deadline):
        if not postgres_url:
            yield
            return
        lock = _DatabaseLock(postgres_url)
        tasks = Tasks()
        try:
            await _until(lock.take, deadline)
            tasks.start(lock.watch(watch_seconds, patience, lost), name="instance-lock")
            yield
        finally:
            await tasks.aclose()
            await lock.aclose()
        if lock.is_lost:
            raise AlreadyRunningError


@asynccontextmanager
async def _folder_lock(data_dir: Path, deadline: float) -> AsyncGenerator[None]:
    await asyncio.to_thread(data_dir.mkdir, parents=True, exist_ok=True)
    handle = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    async def try_lock() -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    try:
        await _until(try_lock, deadline)
        yield
    finally:
        os.close(handle)


class _DatabaseLock:
    """The lock of a connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection | None = None
        self.is_lost = False

    async def take(self) -> bool:
        """Try to take the lock; tell whether it is held.

        Raises:
            psycopg.Error: The database does not answer.
        """
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url, autocommit=True, options=_SERVER_OPTIONS
            )
        asked = await self._connection.execute("SELECT pg_try_advisory_lock(%s)", [_DATABASE_LOCK])
        row = await asked.fetchone()
        return bool(row and row[0])

    async def watch(self, seconds: float, patience: float, lost: Callable[[], object]) -> None:
        """Keep the lock; the connection may be lost, and the server may notice that later than we do."""
        while True:
            await asyncio.sleep(seconds)
            if await self._answers():
                continue
            log.warning("The lock that keeps a second bot out is lost with its connection; it is taken again")
            if not await self._taken_again(patience):
                log.error("Another bot runs on this database by now: this one ends")
                self.is_lost = True
                lost()
                return

    async def aclose(self) -> None:
        """Let go."""
        if self._connection is not None:
            await self._connection.close()

    async def _answers(self) -> bool:
        assert self._connection is not None, "it was held"
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._connection.execute("SELECT 1")
        except (psycopg.Error, OSError, TimeoutError):
            await self._connection.close()
            return False
        return True

    async def _taken_again(self, patience: float) -> bool:
        """Wait for the database for as long as it takes, and for whoever holds the lock for some time."""
        deadline: float | None = None
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    if await self.take():
                        return True
            except (psycopg.Error, OSError, TimeoutError):
                await self.aclose()
                deadline = None  # Whoever held it may have lost it as well.
            else:
                deadline = deadline or time.monotonic() + patience
                if time.monotonic() >= deadline:
                    return False
            await asyncio.sleep(POLL_SECONDS)


async def _until(try_lock: Callable[[], Awaitable[bool]], deadline: float) -> None:
    while not await try_lock():
        if time.monotonic() >= deadline:
            raise AlreadyRunningError
        await asyncio.sleep(POLL_SECONDS)
