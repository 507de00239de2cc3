"""Starts an engine as its own process, so that a test can kill it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from services.store.database import Database
from tests.forks import Process, become, fork, pipe, reader
from tests.services import engine_program

LIMIT_SECONDS = 90
ROOT = Path(__file__).parent.parent.parent


class EngineProcess:
    """A running engine; see `engine_program` for what it can be asked."""

    def __init__(self, process: Process, stdin: Connection, stdout: asyncio.StreamReader, folder: Path) -> None:
        self._process = process
        self._end = asyncio.ensure_future(process.wait())
        self._stdin = stdin
        self._stdout = stdout
        self._folder = folder

    async def ask(self, *request: Any) -> Any:
        """Have it do something; return what it answers. Fails when the process dies meanwhile."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._stdin.fileno(), json.dumps(request).encode() + b"\n")
        return json.loads(await self.line())

    async def line(self) -> str:
        """Return the next line that it says."""
        async with asyncio.timeout(LIMIT_SECONDS):
            line = await self._stdout.readline()
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
            return await asyncio.shield(self._end)

    async def kill(self) -> None:
        """End it as a power cut would."""
        if not self._end.done():
            self._process.send_signal(signal.SIGKILL)
        await self.killed()


class Engines:
    """Engines of one test: they share a folder and a database."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.database_url = database_url

    @asynccontextmanager
    async def running(
        self, *, kill: str = "", fresh: bool = False, **options: Any
    ) -> AsyncGenerator[EngineProcess]:
        """Run an engine until the block is left; then it is killed, if it has not ended.

        Args:
            fresh: Whether an interpreter is started for it; otherwise it is forked, which is quicker.
        """
        environment = {**os.environ, "ISTHMUS_FAULT_KILL": kill, "DBOS__CLOUD": "true"}
        arguments = (str(self.folder), self.database_url, json.dumps(options))
        reading, stdout = pipe()
        stdin, writing = pipe()
        with writing:
            with stdin, stdout:
                start = _start if fresh else _fork
                process = await start(arguments, environment, self.folder / "log", stdin, stdout)
            engine = EngineProcess(process, writing, await reader(reading), self.folder)
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


async def _start(
    arguments: tuple[str, str, str],
    environment: dict[str, str],
    log: Path,
    stdin: Connection,
    stdout: Connection,
) -> Process:
    with log.open("ab") as sink:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.services.engine_program", *arguments),
            cwd=ROOT,
            env=environment,
            stdin=stdin.fileno(),
            stdout=stdout.fileno(),
            stderr=sink,
        )


async def _fork(
    arguments: tuple[str, str, str],
    environment: dict[str, str],
    log: Path,
    stdin: Connection,
    stdout: Connection,
) -> Process:
    return fork(_be_an_engine, arguments, environment, log, stdin, stdout)


def _be_an_engine(
    arguments: tuple[str, str, str],
    environment: dict[str, str],
    log: Path,
    stdin: Connection,
    stdout: Connection,
) -> None:
    """In the forked process: be what `python -m tests.services.engine_program ...` would be."""
    become(environment, stdin=stdin, stdout=stdout, stderr=log)
    os.chdir(ROOT)
    sys.stdin = os.fdopen(0)
    engine_program.main(*arguments)


async def prepared(folder: Path, database_url: str) -> Engines:
    """Make the tables, as the bot does before it starts its engine."""
    database = Database(database_url)
    await database.migrate()
    await database.aclose()
    return Engines(folder, database_url)
