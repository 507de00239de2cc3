"""The bot as a process of its own: started, watched, started again when it dies."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parent.parent
MISCONFIGURED = 78
"""Exit status of a bot that lacks something; starting it again would not help."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
STOPPING_SECONDS = 20.0
"""An orderly end takes less; what takes longer is killed."""

BotState = Literal["starting", "ready", "restarting", "misconfigured", "stopped"]


class BotProcess:
    """Keeps one bot running.

    Attributes:
        state: How it is.
        restarts: How often it died and was started again.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.state: BotState = "stopped"
        self.restarts = 0
        self._on_change = on_change
        self._process: Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process id; None while there is no process."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self, environment: Mapping[str, str]) -> None:
        """Start the bot with an environment; one that runs is ended first."""
        await self.stop()
        self._keeping = asyncio.ensure_future(self._keep(dict(environment)))

    async def stop(self) -> None:
        """End the bot in an orderly way."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
            self._keeping = None
        self._become("stopped")

    def kill(self) -> None:
        """Let the bot die as in a power cut; it is started again."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _keep(self, environment: dict[str, str]) -> None:
        pause = FIRST_PAUSE_SECONDS
        self._become("starting")
        while True:
            status, was_ready = await self._run(environment)
            if status == MISCONFIGURED:
                self._become("misconfigured")
                return
            pause = FIRST_PAUSE_SECONDS if was_ready else min(pause * 2, LONGEST_PAUSE_SECONDS)
            self.restarts += 1
            self._become("restarting")
            await asyncio.sleep(pause)

    async def _run(self, environment: dict[str, str]) -> tuple[int, bool]:
        """Run the bot once; return its exit status and whether it was ready."""
        process = self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "playground.leash", "bot.py", "run"),
            cwd=ROOT,
            env=environment,
            stdin=PIPE,  # the leash; nothing is written to it
            stdout=PIPE,
        )
        assert process.stdout is not None
        was_ready = False
        try:
            while line := await process.stdout.readline():
                if b"ready" in line:
                    was_ready = True
                    self._become("ready")
            return await process.wait(), was_ready
        finally:
            await _end(process)

    def _become(self, state: BotState) -> None:
        self.state = state
        self._on_change()


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOPPING_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
