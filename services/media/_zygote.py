"""The process that decoding children are forked from: small, single-threaded, imports done.

    python -m services.media._zygote SOCKET_FD MODULE...

It holds no secrets (its environment is made for it) and no files but its socket. For each job it
receives a JSON line and one end of a socket pair, forks, and the child answers on that socket.
Frames both ways: 4 bytes length of a JSON head, 8 bytes length of a payload, head, payload.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import selectors
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any

FRAME = struct.Struct("!IQ")
JOB_BYTES = 64 * 1024


def send_frame(connection: socket.socket, head: dict[str, Any], payload: bytes = b"") -> None:
    """Send one frame."""
    encoded = json.dumps(head).encode()
    connection.sendall(FRAME.pack(len(encoded), len(payload)) + encoded)
    connection.sendall(payload)


def main() -> None:
    """Serve until the parent closes its end."""
    parent = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        importlib.import_module(module)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, _wake)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bot, which then closes us.
    watched = selectors.DefaultSelector()
    watched.register(parent, selectors.EVENT_READ)
    watched.register(wake_read, selectors.EVENT_READ)
    children: dict[int, socket.socket] = {}
    parent.send(b"r")
    while True:
        ready = {key.fd for key, _ in watched.select()}
        if wake_read in ready:
            os.read(wake_read, 4096)
            _reap(children)
        if parent.fileno() in ready:
            job, handles, _, _ = socket.recv_fds(parent, JOB_BYTES, 1)
            if not job:
                break
            connection = socket.socket(fileno=handles[0])
            pid = os.fork()
            if pid == 0:
                parent.close()
                _become_child(connection, json.loads(job))
            children[pid] = connection
            send_frame(connection, {"pid": pid})
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _wake(_signal: int, _frame: object) -> None:
    """Do nothing: the wake-up pipe has already told the loop."""


def _reap(children: dict[int, socket.socket]) -> None:
    """Tell each job's parent how its child ended."""
    while children:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        connection = children.pop(pid)
        with contextlib.suppress(OSError):  # Nobody may wait for this one any more.
            send_frame(connection, {"exit": os.waitstatus_to_exitcode(status)})
        connection.close()


def _become_child(connection: socket.socket, job: dict[str, Any]) -> None:
    """Limit this process, run the job's function, answer, and never return."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.chdir(Path(job["path"]).parent)
        for limit, value in (
            (resource.RLIMIT_AS, job["memory_bytes"]),
            (resource.RLIMIT_CPU, job["cpu_seconds"]),
            (resource.RLIMIT_FSIZE, job["file_bytes"]),
            (resource.RLIMIT_NOFILE, 64),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(limit, (value, value))
        module, name = job["function"].split(":")
        function = getattr(importlib.import_module(module), name)
        head, payloads = function(job["path"], job["options"])
        sizes = [len(payload) for payload in payloads]
        send_frame(connection, {"result": head, "sizes": sizes}, b"".join(payloads))
        code = 0
    except MemoryError:
        send_frame(connection, {"error": "memory"})
    except Exception as error:  # decoders raise anything on broken files
        refused = getattr(error, "refusal", None)
        send_frame(connection, {"error": "refused", **refused} if refused else {"error": "broken"})
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
