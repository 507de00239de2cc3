"""Starts an engine as its own process, so that a test can kill it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from services.store.database import Database

LIMIT_SECONDS = 90
ROOT = Path(__file__).parent.parent.parent


class EngineProcess:
    """A running engine; see `engine_program` for what it can be asked."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process = process
        self._folder = folder

    async def ask(self, *request: Any) -> Any:
        """Have it do something; return what it answers. Fails when the process dies meanwhile."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        return json.loads(await self.line())

    async def line(self) -> str:
        """Return the next line that it says."""
        assert self._process.stdout is not None
        async with asyncio.timeout(LIMIT_SECONDS):
            line = await self._process.stdout.readline()
        assert line, f"the engine ended:\n{(self._folder / 'log').read_text()}"
        return line.decode()

    async def reaches(self, job: str, state: str) -> None:
        """Wait until a job is in this state."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while await self.ask("state", job) != state:
                await asyncio.sleep(0.02)

    async def killed(self) -> int:
        """Wait until it has killed itself; return its exit status."""
        async with asyncio.timeout(LIMIT_SECONDS):
            return await self._process.wait()

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


class Engines:
    """Engines of one test: they share a folder and a database."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.database_url = database_url

    @asynccontextmanager
    async def running(self, *, kill: str = "", **options: Any) -> AsyncGenerator[EngineProcess]:
        """Run an engine until the block is left; then it is killed, if it has not ended."""
        with (self.folder / "log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.services.engine_program"),
                *(str(self.folder), self.database_url, json.dumps(options)),
                cwd=ROOT,
                env={**os.environ, "ISTHMUS_FAULT_KILL": kill, "DBOS__CLOUD": "true"},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        engine = EngineProcess(process, self.folder)
        try:
            assert await engine.line() == "ready\n"
            yield engine
        finally:
            await engine.kill()

    def calls(self) -> list[list[Any]]:
        """Return what the steps did, in the order in which they did it."""
        return self._lines("calls")

    def results(self) -> list[list[Any]]:
        """Return what the workflows saw at their ends."""
        return self._lines("results")

    def log(self) -> str:
        """Return what all engines have logged."""
        return (self.folder / "log").read_text()

    async def wait_for_calls(self, count: int) -> list[list[Any]]:
        """Wait until so many lines of steps are there."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while len(self.calls()) < count:
            assert time.monotonic() < deadline, self.log()
            await asyncio.sleep(0.02)
        return self.calls()

    def _lines(self, name: str) -> list[list[Any]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def prepared(folder: Path, database_url: str) -> Engines:
    """Make the tables, as the bot does before it starts its engine."""
    database = Database(database_url)
    await database.migrate()
    await database.aclose()
    return Engines(folder, database_url)
