"""One running bot a data folder (or a database): the lock dies with its process."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

LOCK_FILE = "isthmus.lock"
POLL_SECONDS = 0.25


class AlreadyRunningError(Exception):
    """Another process holds the lock and did not let go in time."""


@asynccontextmanager
async def hold_instance_lock(data_dir: Path, *, patience: float) -> AsyncGenerator[None]:
    """Hold the folder's lock; wait for its holder to end, at most `patience` seconds.

    It is an advisory lock of the kernel (flock): a killed process cannot leave it behind.

    Raises:
        AlreadyRunningError: It is still held after that time.
    """
    await asyncio.to_thread(data_dir.mkdir, parents=True, exist_ok=True)
    handle = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + patience
        while not _try_lock(handle):
            if time.monotonic() >= deadline:
                raise AlreadyRunningError
            await asyncio.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
