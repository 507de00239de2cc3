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
    async with hold_instance_lock(Path(sys.argv[1]), patience=0):
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_lock_is_held_by_one_and_dies_with_its_process(tmp_path: Path) -> None:
    """While another process holds the lock it is refused; killed, that process leaves nothing behind."""
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(tmp_path), stdout=asyncio.subprocess.PIPE
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
