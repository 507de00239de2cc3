"""Starts the real bot as its own process, against the local Discord and the scripted models."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playground.discord import LocalDiscord
from playground.models import ScriptedModels

ROOT = Path(__file__).parent.parent


class BotProcess:
    """A running bot. Its log is in `log`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self.log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ended(self, seconds: float = 40.0) -> int:
        """Wait for the end; return the exit status."""
        async with asyncio.timeout(seconds):
            return await self._process.wait()

    async def output(self) -> str:
        """Return what it wrote to standard output, after its end."""
        assert self._process.stdout is not None
        return (await self._process.stdout.read()).decode()

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def terminate(self) -> int:
        """Ask it to end, and return its exit status."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await self.ended()


@asynccontextmanager
async def running_bot(
    local: LocalDiscord,
    models: ScriptedModels,
    folder: Path,
    *,
    command: str = "run",
    environment: dict[str, str] | None = None,
    wait_until_ready: bool = True,
) -> AsyncGenerator[BotProcess]:
    """Run the bot until the block is left."""
    log = folder / f"{command}.log"
    given = {
        "PATH": os.environ["PATH"],
        "ISTHMUS_DATA_DIR": str(folder / "data"),
        "PYTHONUNBUFFERED": "1",
        **local.environment(),
        **models.environment(),
        **(environment or {}),
    }
    with log.open("ab") as sink:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-W",
            "error::RuntimeWarning",
            "bot.py",
            command,
            cwd=ROOT,
            env=given,
            stdout=asyncio.subprocess.PIPE,
            stderr=sink,
        )
    bot = BotProcess(process, log)
    try:
        if wait_until_ready:
            await _ready(process, log)
        yield bot
    finally:
        if process.returncode is None:
            await bot.terminate()


async def _ready(process: asyncio.subprocess.Process, log: Path) -> None:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(40):
            while line := await process.stdout.readline():
                if b"ready" in line:
                    return
    except TimeoutError:
        pass
    raise AssertionError(f"the bot is not ready:\n{log.read_text()}")
