"""Runs decoders on strangers' files in limited children: memory, processor, time, files, no secrets.

Decoders are C code that is attacked with files. A child that dies, hangs or lies ends its own job
with an ordinary `MediaError`; what it answers is read as JSON and bytes, never unpickled.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.errors import MediaError
from services.fair_slots import FairSlots
from services.media._answers import ChildResult, NoAnswerError, read_answer
from services.media._zygote import EXIT_STATUS, READY

log = logging.getLogger(__name__)

START_SECONDS = 30
CLOSE_SECONDS = 5
LONG_NICENESS = 10
CHILD_FILE_BYTES = 512 * 1024 * 1024
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True, eq=False)
class _Zygote:
    """The warm process, and the socket on which it takes jobs."""

    process: asyncio.subprocess.Process
    control: socket.socket

    async def end(self) -> None:
        """Let it end its children and itself; should it hang, kill it, which kills its children too."""
        self.control.close()
        try:
            await asyncio.wait_for(self.process.wait(), CLOSE_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


class _ZygoteLostError(Exception):
    """The warm process ended, by no fault of the file."""


class Sandbox:
    """Forks one child a job from a warm process.

    Args:
        children: At once, of recordings; and as many of what is quick, which never waits behind a film.
        memory_bytes: Address space of a child.
        wall_seconds: After that a child is killed; its processor time is limited to the same.
        preload: Modules that children need, imported once.
    """

    def __init__(
        self, *, children: int, memory_bytes: int, wall_seconds: float, preload: Sequence[str]
    ) -> None:
        self._quick, self._long = FairSlots(children), FairSlots(children)
        self._memory_bytes = memory_bytes
        self._wall_seconds = wall_seconds
        self._preload = tuple(preload)
        self._changing = asyncio.Lock()
        self._zygote: _Zygote | None = None
        self._is_closed = False

    async def start(self) -> None:
        """Start the warm process, so that the first job does not wait for imports.

        Raises:
            RuntimeError: It does not start; what it printed says why.
        """
        await self._warm()

    async def aclose(self) -> None:
        """End the warm process and what it forked. Repeating it does no harm."""
        self._is_closed = True
        async with self._changing:
            zygote, self._zygote = self._zygote, None
            if zygote is not None:
                await zygote.end()

    async def run(
        self, function: str, path: Path, options: Mapping[str, Any], *, wall_seconds: float | None = None
    ) -> ChildResult:
        """Run `module:function(path, options)` in a child, whose working directory is the file's.

        The function returns a JSON-able mapping and a list of bytes. An exception with an attribute
        `refusal` (`code` and `params`) becomes that `MediaError`; any other means a broken file.

        Raises:
            MediaError: The file is broken, too much for the limits, or was refused.
        """
        limit = wall_seconds or self._wall_seconds
        is_long = limit > self._wall_seconds
        job = {
            "function": function,
            "path": str(path),
            "options": dict(options),
            "memory_bytes": self._memory_bytes,
            "cpu_seconds": math.ceil(limit),
            "file_bytes": CHILD_FILE_BYTES,
            # Somebody waits for a picture, and everybody for the bot itself; a film may take its time.
            "niceness": LONG_NICENESS if is_long else 0,
        }
        async with self._long if is_long else self._quick:
            try:
                return await self._attempt(job, limit)
            except _ZygoteLostError:
                log.warning("The decoding process ended; starting another")
            try:
                return await self._attempt(job, limit)
            except _ZygoteLostError:
                raise MediaError("media-decoder-died") from None

    async def _attempt(self, job: Mapping[str, Any], limit: float) -> ChildResult:
        zygote = await self._warm()
        answer, answer_end = socket.socketpair()
        leash, leash_end = socket.socketpair()
        with answer, leash:  # Leaving lets go of the leash: the child is killed if it still runs.
            answer.setblocking(False)
            leash.setblocking(False)
            try:
                with answer_end, leash_end:
                    handles = [answer_end.fileno(), leash_end.fileno()]
                    socket.send_fds(zygote.control, [json.dumps(job).encode()], handles)
                async with asyncio.timeout(limit):
                    return await _answer(answer, leash)
            except TimeoutError:
                raise MediaError("media-took-too-long") from None
            except (OSError, _ZygoteLostError):
                await self._discard(zygote)
                raise _ZygoteLostError from None

    async def _warm(self) -> _Zygote:
        async with self._changing:
            if self._is_closed:
                raise RuntimeError("the sandbox is closed")
            if self._zygote is None:
                self._zygote = await _start(self._preload)
            return self._zygote

    async def _discard(self, zygote: _Zygote) -> None:
        async with self._changing:
            if self._zygote is zygote:
                self._zygote = None
                await zygote.end()


async def _answer(answer: socket.socket, leash: socket.socket) -> ChildResult:
    try:
        return await read_answer(answer)
    except NoAnswerError:
        pass
    status = await asyncio.get_running_loop().sock_recv(leash, EXIT_STATUS.size)
    if len(status) != EXIT_STATUS.size:
        raise _ZygoteLostError
    (code,) = EXIT_STATUS.unpack(status)
    log.warning("A decoding child died (exit %s)", code)
    raise MediaError("media-took-too-long" if code == -signal.SIGXCPU else "media-decoder-died")


async def _start(preload: Sequence[str]) -> _Zygote:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    with theirs:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # The working directory is not a place to import from.
            "-m",
            "services.media._zygote",
            str(theirs.fileno()),
            *preload,
            pass_fds=[theirs.fileno()],
            env=_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    zygote = _Zygote(process, ours)
    said = b""
    try:
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(START_SECONDS):
                said = await asyncio.get_running_loop().sock_recv(ours, len(READY))
    finally:
        if said != READY:
            await zygote.end()
    if said != READY:
        raise RuntimeError("the decoding process did not start; what it printed says why")
    return zygote


_KEPT = ("PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


def _environment() -> dict[str, str]:
    """Return the little that decoders need; above all no token and no key."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "PYTHONPATH": os.pathsep.join([str(_ROOT), *(each for each in sys.path if each)]),
        # Threads and arenas reserve address space, which is what the limit counts.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
