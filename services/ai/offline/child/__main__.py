"""A model child: loads models when they are first asked for, then answers one job after the other.

    python -P -m services.ai.offline.child SOCKET_FD PARENT_PID MEMORY_BYTES

It is a fresh process (model runtimes start threads, which do not survive a fork), holds no secrets and
ends with its parent. Its socket carries frames of `services.ai.offline.frames` both ways.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

from services.ai.offline.child.errors import MissingPartError, UnreadableError
from services.ai.offline.frames import FRAME, MAX_HEAD_BYTES, MAX_PAYLOAD_BYTES, encode

OPEN_FILES = 128
WRITTEN_BYTES = 16 * 1024 * 1024
"""Far more than the largest module that is kept compiled: cut off, it could not be imported any more."""
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve until the parent closes its end."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    _bind_to(parent=int(sys.argv[2]))
    _limit(memory_bytes=int(sys.argv[3]))
    _send(connection, {"ready": True})
    _be_silent()
    while (job := _receive(connection)) is not None:
        answer = _answer(*job)
        _send(connection, answer)
        if answer.get("failed") == "memory":
            return  # What the models hold cannot be given back in part; a fresh child can do the next job.


def _bind_to(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bot, which then ends us.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It died before the call above.
        sys.exit(1)


def _limit(memory_bytes: int) -> None:
    for limit, amount in (
        # Not the address space: the runtimes reserve and map far more of it than they ever write to.
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (amount, amount))


def _be_silent() -> None:
    """Keep what models print out of the log: it may quote what they were given."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[bytes]] | None:
    start = _read(connection, FRAME.size)
    if start is None:
        return None
    head_bytes, payload_bytes = FRAME.unpack(start)
    if head_bytes > MAX_HEAD_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        return None
    head = _read(connection, head_bytes)
    if head is None:
        return None
    job: dict[str, Any] = json.loads(head)
    payloads = [_read(connection, size) for size in job["sizes"]]
    return job, [bytes(each) for each in payloads if each is not None]


def _read(connection: socket.socket, count: int) -> bytearray | None:
    """Return exactly so many bytes; None when the parent has gone."""
    received = bytearray(count)
    view = memoryview(received)
    while view:
        read = connection.recv_into(view)
        if not read:
            return None
        view = view[read:]
    return received


def _send(connection: socket.socket, head: dict[str, Any]) -> None:
    for piece in encode(head):
        connection.sendall(piece)


def _answer(job: dict[str, Any], payloads: list[bytes]) -> dict[str, Any]:
    try:
        module, name = job["function"].split(":")
        function = getattr(importlib.import_module(module), name)
        return {"result": function(job["options"], payloads)}
    except UnreadableError:
        return {"failed": "unreadable"}
    except MissingPartError as error:
        return {"failed": "missing", "where": _where(error)}
    except Exception as error:  # model runtimes raise anything
        return {"failed": "memory" if _is_about_memory(error) else "broken", "where": _where(error)}


def _is_about_memory(error: Exception) -> bool:
    """Recognize want of memory also where a runtime dresses it as its own error."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(
        words in said for words in ("bad_alloc", "bad allocation", "insufficient memory", "failed to allocate")
    )


def _where(error: Exception) -> str:
    """Name the error and its place for the log: no message, which may quote the content."""
    frames = traceback.extract_tb(error.__traceback__)
    own = next((each for each in reversed(frames) if "site-packages" not in each.filename), frames[-1])
    return f"{type(error).__name__} at {Path(own.filename).name}:{own.lineno}"


if __name__ == "__main__":
    main()
