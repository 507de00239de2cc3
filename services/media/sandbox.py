"""Runs decoders on strangers' files in limited children: memory, processor, time, files, no secrets.

Decoders are C code that is attacked with files. A child that dies, hangs or lies ends its own job
with an ordinary `MediaError`; what it answers is read as JSON and bytes, never unpickled.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import NonNegativeInt, TypeAdapter, ValidationError

from services.errors import MediaError
from services.media._zygote import FRAME

log = logging.getLogger(__name__)

MAX_HEAD_BYTES = 1_000_000
MAX_PAYLOAD_BYTES = 256 * 1024 * 1024
START_SECONDS = 30
CHILD_FILE_BYTES = 512 * 1024 * 1024
_SIZES: TypeAdapter[list[NonNegativeInt]] = TypeAdapter(list[NonNegativeInt])
_FACTS: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class ChildResult:
    """What a decoder answered: facts as JSON, and pieces of bytes."""

    facts: Mapping[str, Any]
    payloads: tuple[bytes, ...]


class Sandbox:
    """Forks one child a job from a warm process.

    Args:
        children: At once.
        memory_bytes: Address space of a child.
        wall_seconds: After that a child is killed; its processor time is limited to the same.
        preload: Modules that children need, imported once.
    """

    def __init__(
        self, *, children: int, memory_bytes: int, wall_seconds: float, preload: Sequence[str]
    ) -> None:
        self._slots = asyncio.Semaphore(children)
        self._memory_bytes = memory_bytes
        self._wall_seconds = wall_seconds
        self._preload = tuple(preload)
        self._starting = asyncio.Lock()
        self._zygote: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None

    async def start(self) -> None:
        """Start the warm process, so that the first job does not wait for imports."""
        async with self._starting:
            if self._zygote is None or self._zygote.returncode is not None:
                await self._start()

    async def aclose(self) -> None:
        """End the warm process and what it forked."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._zygote is not None:
            try:
                await asyncio.wait_for(self._zygote.wait(), 5)
            except TimeoutError:
                self._zygote.kill()
                await self._zygote.wait()
            self._zygote = None

    async def run(
        self, function: str, path: Path, options: Mapping[str, Any], *, wall_seconds: float | None = None
    ) -> ChildResult:
        """Run `module:function(path, options)` in a child.

        The function returns a JSON-able mapping and a list of bytes. An exception with an attribute
        `refusal` (`code` and `params`) becomes that `MediaError`; any other means a broken file.

        Raises:
            MediaError: The file is broken, too much for the limits, or was refused.
        """
        limit = wall_seconds or self._wall_seconds
        async with self._slots:
            await self.start()
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            job = {
                "function": function,
                "path": str(path),
                "options": dict(options),
                "memory_bytes": self._memory_bytes,
                "cpu_seconds": max(1, round(limit)),
                "file_bytes": CHILD_FILE_BYTES,
            }
            try:
                with theirs:
                    assert self._control is not None, "started above"
                    socket.send_fds(self._control, [json.dumps(job).encode()], [theirs.fileno()])
                return await self._answer(ours, limit)
            except OSError:
                raise MediaError("media-decoder-died") from None
            finally:
                ours.close()

    async def _start(self) -> None:
        if self._control is not None:
            self._control.close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._zygote = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.media._zygote",
                str(theirs.fileno()),
                *self._preload,
                pass_fds=[theirs.fileno()],
                env=_environment(),
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control = ours
        ours.setblocking(False)
        async with asyncio.timeout(START_SECONDS):
            if await asyncio.get_running_loop().sock_recv(ours, 1) != b"r":
                raise RuntimeError("the decoding process did not start")
        ours.setblocking(True)

    async def _answer(self, connection: socket.socket, limit: float) -> ChildResult:
        pid: int | None = None
        result: ChildResult | None = None
        try:
            async with asyncio.timeout(limit):
                while True:
                    head, payload = await _read_frame(connection)
                    if "pid" in head:
                        pid = head["pid"]
                    elif "exit" in head:
                        pid = None
                        break
                    elif "error" in head:
                        raise _as_error(head)
                    else:
                        result = _as_result(head, payload)
        except TimeoutError:
            raise MediaError("media-took-too-long") from None
        finally:
            if pid is not None:
                _kill(pid)
        if result is None:
            log.warning("A decoding child died (exit %s)", head.get("exit"))
            too_much = head.get("exit") == -signal.SIGXCPU
            raise MediaError("media-took-too-long" if too_much else "media-decoder-died")
        return result


def _environment() -> dict[str, str]:
    """Return the little that decoders need; above all no token and no key."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "PYTHONPATH": os.pathsep.join([str(_ROOT), *(each for each in sys.path if each)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        # Threads and arenas reserve address space, which is what the limit counts.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


async def _read_frame(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    head_bytes, payload_bytes = FRAME.unpack(await _read_exactly(connection, FRAME.size))
    if head_bytes > MAX_HEAD_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise MediaError("media-decoder-died")
    try:
        head = json.loads(await _read_exactly(connection, head_bytes))
    except ValueError:
        raise MediaError("media-decoder-died") from None
    payload = await _read_exactly(connection, payload_bytes)
    return head, bytes(payload)


async def _read_exactly(connection: socket.socket, count: int) -> bytearray:
    loop = asyncio.get_running_loop()
    data = bytearray(count)
    view, filled = memoryview(data), 0
    while filled < count:
        got = await loop.sock_recv_into(connection, view[filled:])
        if got == 0:
            raise MediaError("media-decoder-died")
        filled += got
    return data


def _as_result(head: Mapping[str, Any], payload: bytes) -> ChildResult:
    """Cut the payload into the pieces that the head announces; a lying child fails here."""
    try:
        sizes = _SIZES.validate_python(head.get("sizes"))
        facts = _FACTS.validate_python(head.get("result"))
    except ValidationError:
        raise MediaError("media-decoder-died") from None
    pieces: list[bytes] = []
    at = 0
    for size in sizes:
        pieces.append(payload[at : at + size])
        at += size
    if at != len(payload):
        raise MediaError("media-decoder-died")
    return ChildResult(facts, tuple(pieces))


def _as_error(head: Mapping[str, Any]) -> MediaError:
    match head["error"]:
        case "refused":
            return MediaError(str(head["code"]), **{k: str(v) for k, v in head["params"].items()})
        case "memory":
            return MediaError("media-too-complex")
        case _:
            return MediaError("media-broken")


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
