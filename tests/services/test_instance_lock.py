"""One bot a data folder."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

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


async def _hold(folder: Path, postgres_url: str) -> None:
    async with hold_instance_lock(folder, patience=15, postgres_url=postgres_url):
        pass
