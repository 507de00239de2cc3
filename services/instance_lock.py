"""One running bot a data folder, and one a Postgres database: the locks die with their process."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

LOCK_FILE = "isthmus.lock"
POLL_SECONDS = 0.25
_DATABASE_LOCK = 0x67617465776179  # "gateway", as the key of a Postgres advisory lock
# The server notices within half a minute that the lock's machine is gone without a farewell.
_SERVER_OPTIONS = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"


class AlreadyRunningError(Exception):
    """Another process holds the lock and did not let go in time."""


@asynccontextmanager
async def hold_instance_lock(
    data_dir: Path, *, patience: float, postgres_url: str = ""
) -> AsyncGenerator[None]:
    """Hold the folder's lock, and the database's if it is a Postgres that other machines may share.

    Waits for the holder to end, at most `patience` seconds. Both are advisory locks: of the kernel
    (flock) and of a connection of its own. A killed process cannot leave one behind.

    Raises:
        AlreadyRunningError: One is still held after that time.
    """
    deadline = time.monotonic() + patience
    async with _folder_lock(data_dir, deadline):
        if not postgres_url:
            yield
            return
        async with _database_lock(postgres_url, deadline):
            yield


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


@asynccontextmanager
async def _database_lock(url: str, deadline: float) -> AsyncGenerator[None]:
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True, options=_SERVER_OPTIONS)

    async def try_lock() -> bool:
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", [_DATABASE_LOCK])).fetchone()
        return bool(row and row[0])

    async with connection:
        await _until(try_lock, deadline)
        yield


async def _until(try_lock: Callable[[], Awaitable[bool]], deadline: float) -> None:
    while not await try_lock():
        if time.monotonic() >= deadline:
            raise AlreadyRunningError
        await asyncio.sleep(POLL_SECONDS)
