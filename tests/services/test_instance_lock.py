"""One bot a data folder."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psycopg
import pytest

from services.instance_lock import AlreadyRunningError, hold_instance_lock

HOLDER = """
import asyncio, sys
from pathlib import Path
from services.instance_lock import hold_instance_lock

async def main():
    async with hold_instance_lock(Path(sys.argv[1]), patience=0, postgres_url=sys.argv[2]):
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_lock_is_held_by_one_and_dies_with_its_process(tmp_path: Path) -> None:
    """While another process holds the lock it is refused; killed, that process leaves nothing behind."""
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(tmp_path), "", stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert (await holder.stdout.readline()).strip() == b"held"
    with pytest.raises(AlreadyRunningError):
        async with hold_instance_lock(tmp_path, patience=0.3):
            pass
    holder.kill()
    await holder.wait()
    async with hold_instance_lock(tmp_path, patience=5):
        pass


async def test_database_is_locked_for_other_machines(tmp_path: Path, postgres_url: str) -> None:
    """A bot with another data folder but the same Postgres is refused until the first one is gone."""
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(tmp_path / "one"), postgres_url, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert (await holder.stdout.readline()).strip() == b"held"
    with pytest.raises(AlreadyRunningError):
        async with hold_instance_lock(tmp_path / "two", patience=0.3, postgres_url=postgres_url):
            pass
    holder.kill()
    await holder.wait()
    async with hold_instance_lock(tmp_path / "two", patience=5, postgres_url=postgres_url):
        pass


async def test_waiting_bot_starts_when_the_first_one_ends(tmp_path: Path, postgres_url: str) -> None:
    """Whoever waits gets both locks as soon as they are free; an ended bot holds neither."""
    async with asyncio.timeout(20):
        async with hold_instance_lock(tmp_path, patience=0, postgres_url=postgres_url):
            waiting = asyncio.ensure_future(_hold(tmp_path, postgres_url))
            await asyncio.sleep(0)
            assert not waiting.done()
        await waiting


async def test_lost_lock_is_taken_again(tmp_path: Path, postgres_url: str) -> None:
    """After the database has dropped the connection, as at its restart, a second bot is still kept out."""
    async with hold_instance_lock(tmp_path / "one", patience=5, postgres_url=postgres_url, watch_seconds=0.05):
        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as observer:
            first = await _holder(observer)
            await observer.execute("SELECT pg_terminate_backend(%s)", [first])
            async with asyncio.timeout(20):
                while await _holder(observer) in {None, first}:
                    await asyncio.sleep(0.05)
        with pytest.raises(AlreadyRunningError):
            async with hold_instance_lock(tmp_path / "two", patience=0.3, postgres_url=postgres_url):
                pass


async def test_bot_whose_lock_another_one_took_ends(tmp_path: Path, postgres_url: str) -> None:
    """Of two bots after a restart of the database one stays: the other is told, and ends as one too many."""
    with pytest.raises(AlreadyRunningError):
        await _outrun(tmp_path, postgres_url)


async def _outrun(folder: Path, postgres_url: str) -> None:
    """Hold the lock until somebody who waits for it gets it, and this bot is told."""
    told = asyncio.Event()
    async with (
        await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as observer,
        await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as other,
        hold_instance_lock(folder, patience=0.2, postgres_url=postgres_url, lost=told.set, watch_seconds=0.05),
    ):
        key = "SELECT classid::bigint << 32 | objid::bigint FROM pg_locks WHERE locktype = 'advisory'"
        row = await (await observer.execute(key)).fetchone()
        waiting = asyncio.ensure_future(other.execute("SELECT pg_advisory_lock(%s)", row))
        first = await _holder(observer)
        while not await _is_awaited(observer):
            await asyncio.sleep(0.02)
        await observer.execute("SELECT pg_terminate_backend(%s)", [first])
        async with asyncio.timeout(20):
            await waiting
            await told.wait()


async def _holder(observer: psycopg.AsyncConnection) -> int | None:
    """Return the process of the database that holds the lock."""
    found = await observer.execute("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted")
    row = await found.fetchone()
    return row[0] if row else None


async def _is_awaited(observer: psycopg.AsyncConnection) -> bool:
    found = await observer.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return await found.fetchone() is not None


async def _hold(folder: Path, postgres_url: str) -> None:
    async with hold_instance_lock(folder, patience=15, postgres_url=postgres_url):
        pass
