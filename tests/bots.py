"""Runs the real bot as its own process, against the local Discord and the scripted models.

Most tests start one or two, so each is forked from a process that has imported it. Where the start
itself is the subject, `fresh=True` starts `python bot.py` instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from playground.discord import LocalDiscord
from playground.models import ScriptedModels
from tests.forks import Process, become, fork, pipe, reader

LIMIT_SECONDS = 90.0
"""Nothing takes a fifth of that on a machine of its own; CI shares its machine."""
ROOT = Path(__file__).parent.parent


class BotProcess:
    """A running bot. Its log is in `log`."""

    def __init__(self, process: Process, stdout: asyncio.StreamReader, log: Path) -> None:
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


async def _fork(command: str, environment: dict[str, str], log: Path) -> BotProcess:
    reading, writing = pipe()
    with writing:
        process = fork(_be_the_bot, command, environment, log, writing)
    return BotProcess(process, await reader(reading), log)


def _be_the_bot(command: str, environment: dict[str, str], log: Path, stdout: Connection) -> None:
    """In the forked process: be what `python -W error::RuntimeWarning bot.py COMMAND` would be."""
    from tests import preloaded  # as the process has that this one is forked from

    become(environment, stdout=stdout, stderr=log)
    os.chdir(ROOT)
    sys.argv = ["bot.py", command]
    sys.executable = preloaded.PYTHON
    if "ISTHMUS_DATABASE_URL" not in environment:
        _copy_tables(preloaded.TABLES, Path(environment["ISTHMUS_DATA_DIR"]))
    warnings.resetwarnings()
    warnings.filterwarnings("error", category=RuntimeWarning)
    import bot

    sys.exit(bot.main())


def _copy_tables(source: Path, data: Path) -> None:
    """Make a data folder with empty tables, unless it is there already; of several processes one does."""
    if data.exists():
        return
    made = Path(tempfile.mkdtemp(dir=data.parent))
    shutil.copytree(source, made, dirs_exist_ok=True)
    try:
        made.rename(data)
    except OSError:  # Another process was quicker.
        shutil.rmtree(made)
