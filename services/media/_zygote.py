"""The process that decoding children are forked from: small, single-threaded, imports done.

    python -P -m services.media._zygote CONTROL_FD MODULE...

It holds no secrets (its environment is made for it) and no files but its sockets. A job arrives on
the control socket as one JSON message with two file descriptors:

- the answer, which goes to the child alone: one frame (4 bytes length of a JSON head, 8 bytes length
  of a payload, head, payload);
- the leash, which stays here: the parent lets go of it to have the child killed, and reads from it how
  the child ended (4 bytes). So a child that was taken over can neither forge its end nor name another
  process to be killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import selectors
import signal
import socket
import struct
import sys
import traceback
from pathlib import Path
from typing import Any

READY = b"r"
FRAME = struct.Struct("!IQ")
EXIT_STATUS = struct.Struct("!i")
JOB_BYTES = 64 * 1024
OPEN_FILES = 64
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Zygote:
    """Forks a child for each job that comes in, and ends it when its leash is let go."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._leashes: dict[int, socket.socket] = {}
        """By the child's process id, which is also the id of its process group."""
        self._wake, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, _just_wake_up)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bot, which then closes us.
        self._watched = selectors.DefaultSelector()
        self._watched.register(control, selectors.EVENT_READ)
        self._watched.register(self._wake, selectors.EVENT_READ)

    def serve(self) -> None:
        """Serve until the parent closes its end of the control socket."""
        self._control.send(READY)
        while True:
            for key, _ in self._watched.select():
                if key.fileobj is self._control:
                    if not self._take_job():
                        self._end_all()
                        return
                elif key.fileobj == self._wake:
                    os.read(self._wake, 4096)
                    self._reap()
                elif key.data in self._leashes:  # else it was reaped a moment ago
                    self._watched.unregister(key.fileobj)
                    _kill_group(key.data)

    def _take_job(self) -> bool:
        message, handles, _, _ = socket.recv_fds(self._control, JOB_BYTES, 2)
        if not message:
            return False
        answer, leash = (socket.socket(fileno=each) for each in handles)
        pid = os.fork()
        if pid == 0:
            _become_child(answer, json.loads(message))
        answer.close()
        with contextlib.suppress(OSError):  # The child does the same; whoever is first.
            os.setpgid(pid, pid)
        self._leashes[pid] = leash
        self._watched.register(leash, selectors.EVENT_READ, pid)
        return True

    def _reap(self) -> None:
        """Tell the parent how each ended child ended, and end what it may have started."""
        while self._leashes:
            # Not yet reaped, so that its number cannot belong to anybody else when its group is killed.
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return
            _kill_group(ended.si_pid)
            pid, status = os.waitpid(ended.si_pid, 0)
            leash = self._leashes.pop(pid)
            with contextlib.suppress(KeyError):
                self._watched.unregister(leash)
            with contextlib.suppress(OSError):  # Nobody may be waiting for it any more.
                leash.send(EXIT_STATUS.pack(os.waitstatus_to_exitcode(status)))
            leash.close()

    def _end_all(self) -> None:
        for pid in self._leashes:
            _kill_group(pid)


def _just_wake_up(_signal: int, _frame: object) -> None:
    """Let the system write to the wake-up pipe, which it does for handled signals only."""


def send_frame(connection: socket.socket, head: dict[str, Any], payload: bytes = b"") -> None:
    """Send one frame."""
    encoded = json.dumps(head).encode()
    connection.sendall(FRAME.pack(len(encoded), len(payload)) + encoded)
    connection.sendall(payload)


def _become_child(answer: socket.socket, job: dict[str, Any]) -> None:
    """Limit this process, run the job's function, answer, and never return."""
    code = 1
    try:
        _limit(job)
        answer = _keep_only(answer)
        module, name = job["function"].split(":")
        function = getattr(importlib.import_module(module), name)
        facts, payloads = function(job["path"], job["options"])
        sizes = [len(payload) for payload in payloads]
        send_frame(answer, {"result": facts, "sizes": sizes}, b"".join(payloads))
        code = 0
    except MemoryError:
        send_frame(answer, {"failed": "memory"})
    except Exception as error:  # decoders raise anything on broken files
        if refusal := getattr(error, "refusal", None):
            send_frame(answer, {"refused": refusal})
        else:
            send_frame(answer, {"failed": "broken", "where": _where(error)})
    finally:
        os._exit(code)


def _limit(job: dict[str, Any]) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.chdir(Path(job["path"]).parent)
    os.nice(job["niceness"])
    seconds = job["cpu_seconds"]
    for limit, soft, hard in (
        (resource.RLIMIT_AS, job["memory_bytes"], job["memory_bytes"]),
        # The soft limit's signal says why it died; at the hard one it would be an unexplained kill.
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_FSIZE, job["file_bytes"], job["file_bytes"]),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(limit, (soft, hard))


def _keep_only(answer: socket.socket) -> socket.socket:
    """Close every other file: the control socket, other jobs' leashes, and what is printed to."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # Decoders print warnings with text from the file, which no log may hold.
        os.dup2(nothing, standard)
    kept = os.dup2(answer.detach(), 3)
    os.closerange(kept + 1, 4 * OPEN_FILES)
    return socket.socket(fileno=kept)


def _where(error: BaseException) -> str:
    """Name the error and its place for the log: no message, which may quote the file."""
    frames = traceback.extract_tb(error.__traceback__)
    own = next((each for each in reversed(frames) if "site-packages" not in each.filename), frames[-1])
    return f"{type(error).__name__} at {Path(own.filename).name}:{own.lineno}"


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def main() -> None:
    """Import what children need, then serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        importlib.import_module(module)
    # What was imported so far may be kept compiled, or each start would compile it anew, which takes seconds;
    # what strangers' files are decoded in writes nothing.
    sys.dont_write_bytecode = True
    gc.freeze()  # What is imported stays in pages that children share.
    Zygote(control).serve()


if __name__ == "__main__":
    main()
