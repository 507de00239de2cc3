"""Forks processes from one that has imported the bot and begun nothing: the import takes seconds."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, Protocol


class Process(Protocol):
    """What a forked process and one that was started afresh have in common."""

    @property
    def pid(self) -> int: ...

    def send_signal(self, signal: int) -> None: ...

    async def wait(self) -> int:
        """Return the exit status; minus the signal's number if one ended it."""
        ...


class Forked:
    """A process that was forked from the one that is kept."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self._status: int | None = None

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def send_signal(self, signal: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # It has ended by itself; `wait` tells how.
            os.kill(self.pid, signal)

    async def wait(self) -> int:
        if self._status is None:
            loop = asyncio.get_running_loop()
            ended = asyncio.Event()
            loop.add_reader(self._process.sentinel, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(self._process.sentinel)
            self._process.join()
            self._status = self._process.exitcode
            assert self._status is not None
            self._process.close()
        return self._status


def fork(target: Callable[..., None], *arguments: Any) -> Forked:
    """Run a function of a module in a forked process."""
    process = _server().Process(target=target, args=arguments)
    process.start()
    return Forked(process)


def pipe() -> tuple[Connection, Connection]:
    """Return the ends of a pipe for reading and for writing, either of which can be an argument of `fork`."""
    reading, writing = os.pipe()
    return Connection(reading, writable=False), Connection(writing, readable=False)


async def reader(reading: Connection) -> asyncio.StreamReader:
    """Return what reads from a pipe until its end; the connection is closed."""
    stream = asyncio.StreamReader()
    with reading:
        file = os.fdopen(os.dup(reading.fileno()), "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), file)
    return stream


def become(
    environment: dict[str, str], *, stdout: Connection, stderr: Path, stdin: Connection | None = None
) -> None:
    """In the forked process: have the environment and the streams of a program of its own."""
    with stdout, stderr.open("ab") as sink:
        os.dup2(stdout.fileno(), 1)
        os.dup2(sink.fileno(), 2)
    if stdin is not None:
        with stdin:
            os.dup2(stdin.fileno(), 0)
    os.environ.clear()
    os.environ.update(environment)


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.preloaded", "tests.bots", "tests.services.engines"])
    return context
