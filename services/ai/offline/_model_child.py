"""One model child, seen from the bot: started, asked, and ended."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.ai.offline.frames import FRAME, MAX_HEAD_BYTES, encode

log = logging.getLogger(__name__)

START_SECONDS = 60
READ_BYTES = 256 * 1024
_ROOT = Path(__file__).parent.parent.parent.parent


class ChildLostError(Exception):
    """The child died, or what it says makes no sense; it cannot be used any more."""


class Answer(BaseModel):
    """The head of a child's frame."""

    model_config = ConfigDict(strict=True, extra="forbid")

    sizes: list[int] = []
    ready: bool = False
    result: dict[str, Any] | None = None
    failed: Literal["memory", "broken", "unreadable", "missing"] | None = None
    where: Annotated[str, Field(max_length=200)] = ""


class ModelChild:
    """A warm process that does one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process, connection: socket.socket) -> None:
        self._process = process
        self._connection = connection
        self.has_done: set[str] = set()
        """Functions whose models it has loaded."""

    @classmethod
    async def start(cls, memory_bytes: int) -> ModelChild:
        """Start a child and wait until it can take a job.

        Raises:
            ChildLostError: It does not start; what it printed says why.
        """
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # The working directory is not a place to import from.
                "-m",
                "services.ai.offline.child",
                *(str(each) for each in (theirs.fileno(), os.getpid(), memory_bytes)),
                pass_fds=[theirs.fileno()],
                env=_environment(),
                cwd="/",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        child = cls(process, ours)
        is_ready = False
        try:
            async with asyncio.timeout(START_SECONDS):
                is_ready = (await child._receive()).ready
        except TimeoutError:
            raise ChildLostError from None
        finally:
            if not is_ready:
                child.kill()
        return child

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self._process.returncode is None

    async def ask(self, function: str, options: Mapping[str, Any], payloads: Sequence[bytes]) -> Answer:
        """Have `module:function(options, payloads)` called there and return what it answers.

        Raises:
            ChildLostError: It died over it.
        """
        loop = asyncio.get_running_loop()
        try:
            for piece in encode({"function": function, "options": dict(options)}, payloads):
                await loop.sock_sendall(self._connection, piece)
        except OSError:
            raise ChildLostError from None
        answer = await self._receive()
        self.has_done.add(function)
        return answer

    def kill(self) -> None:
        """End it at once, whatever it does. Repeating it does no harm."""
        self._connection.close()
        with suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> int:
        """Wait for its end and return its exit status."""
        return await self._process.wait()

    async def _receive(self) -> Answer:
        head_bytes, payload_bytes = FRAME.unpack(await self._read(FRAME.size))
        if head_bytes > MAX_HEAD_BYTES or payload_bytes:
            raise ChildLostError
        try:
            return Answer.model_validate(json.loads(await self._read(head_bytes)))
        except (ValidationError, ValueError, RecursionError):
            log.warning("A model child answered nonsense")
            raise ChildLostError from None

    async def _read(self, count: int) -> bytearray:
        """Read so many bytes, holding no more memory than has really arrived."""
        loop = asyncio.get_running_loop()
        received = bytearray()
        while len(received) < count:
            try:
                piece = await loop.sock_recv(self._connection, min(count - len(received), READ_BYTES))
            except OSError:
                piece = b""
            if not piece:
                raise ChildLostError
            received += piece
        return received


_KEPT = ("PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


def _environment() -> dict[str, str]:
    """Return the little that models need; above all no token and no key."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "PYTHONPATH": os.pathsep.join([str(_ROOT), *(each for each in sys.path if each)]),
        # One slot is one core.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        # The weights are in the packages; nothing is ever looked for elsewhere.
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
