"""Runs the real bot as its own process, against the local Discord and the scripted models.

Importing the bot takes seconds of processor time, and most tests start one or two. So a process that
has imported it, and begun nothing, is kept; each bot is forked from that. Where the start itself is
the subject, `fresh=True` starts `python bot.py` instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Protocol

from playground.discord import LocalDiscord
from playground.models import ScriptedModels

LIMIT_SECONDS = 90.0
"""Nothing takes a fifth of that on a machine of its own; CI shares its machine."""
ROOT = Path(__file__).parent.parent


class _Process(Protocol):
    """What both kinds of processes have."""

    @property
    def pid(self) -> int: ...

    def send_signal(self, signal: int) -> None: ...

    async def wait(self) -> int:
        """Return the exit status; minus the signal's number if one ended it."""
        ...


class BotProcess:
    """A running bot. Its log is in `log`."""

    def __init__(self, process: _Process, stdout: asyncio.StreamReader, log: Path) -> None:
        self._process = process
        self._stdout = stdout
        self._end = asyncio.ensure_future(process.wait())
        self.log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._end.done()

    async def ready(self, seconds: float = LIMIT_SECONDS) -> None:
        """Wait until it says that it can take work."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while line := await self._stdout.readline():
                    if b"ready" in line:
                        return
        raise AssertionError(f"the bot is not ready:\n{self.log.read_text()}")

    async def ended(self, seconds: float = LIMIT_SECONDS) -> int:
        """Wait for the end; return the exit status."""
        async with asyncio.timeout(seconds):
            return await asyncio.shield(self._end)

    async def logs(self, part: str, *, times: int = 1, seconds: float = LIMIT_SECONDS) -> None:
        """Wait until its log holds this so often."""
        async with asyncio.timeout(seconds):
            while self.log.read_text().count(part) < times:
                await asyncio.sleep(0.05)

    async def output(self) -> str:
        """Return what it wrote to standard output, after its end."""
        return (await self._stdout.read()).decode()

    async def kill(self) -> None:
        """End it as a power cut would."""
        if not self.has_ended:
            self._process.send_signal(signal.SIGKILL)
        await self.ended()

    async def terminate(self) -> int:
        """Ask it to end, and return its exit status."""
        if not self.has_ended:
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
    fresh: bool = False,
) -> AsyncGenerator[BotProcess]:
    """Run the bot until the block is left."""
    log = folder / f"{command}.log"
    given = {
        "PATH": os.environ["PATH"],
        "ISTHMUS_DATA_DIR": str(folder / "data"),
        "ISTHMUS_METRICS_PORT": "0",  # many bots run at once
        "PYTHONUNBUFFERED": "1",
        **local.environment(),
        **models.environment(),
        **(environment or {}),
    }
    bot = await (_start if fresh else _fork)(command, given, log)
    try:
        if wait_until_ready:
            await bot.ready()
        yield bot
    finally:
        if not bot.has_ended:
            await bot.terminate()


async def _start(command: str, environment: dict[str, str], log: Path) -> BotProcess:
    with log.open("ab") as sink:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-W", "error::RuntimeWarning", "bot.py", command),
            cwd=ROOT,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=sink,
        )
    assert process.stdout is not None
    return BotProcess(process, process.stdout, log)


class _Forked:
    """A process that was forked from the one that is kept."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def send_signal(self, signal: int) -> None:
        os.kill(self.pid, signal)

    async def wait(self) -> int:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        status = self._process.exitcode
        assert status is not None
        self._process.close()
        return status


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.preloaded", "tests.bots"])
    return context


async def _fork(command: str, environment: dict[str, str], log: Path) -> BotProcess:
    reading, writing = _server().Pipe(duplex=False)
    process = _server().Process(target=_be_the_bot, args=(command, environment, str(log), writing))
    process.start()
    writing.close()
    stdout = asyncio.StreamReader()
    with reading:
        pipe = os.fdopen(os.dup(reading.fileno()), "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdout), pipe)
    return BotProcess(_Forked(process), stdout, log)


def _be_the_bot(command: str, environment: dict[str, str], log: str, stdout: Connection) -> None:
    """In the forked process: be what `python -W error::RuntimeWarning bot.py COMMAND` would be."""
    with stdout, Path(log).open("ab") as sink:
        os.dup2(stdout.fileno(), 1)
        os.dup2(sink.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = ["bot.py", command]
    warnings.resetwarnings()
    warnings.filterwarnings("error", category=RuntimeWarning)
    import bot

    sys.exit(bot.main())
