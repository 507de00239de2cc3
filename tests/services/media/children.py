"""What runs in sandbox children during tests: decoders that fail, die, hang, spy and lie."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from services.media._zygote import FRAME

Answer = tuple[dict[str, Any], list[bytes]]


def echo(path: str, options: dict[str, Any]) -> Answer:
    return {"content": Path(path).read_text(), "options": options}, [b"one", b"", b"three"]


def look_around(path: str, options: dict[str, Any]) -> Answer:
    """Tell what this process is and has."""
    limits = {
        name: resource.getrlimit(getattr(resource, name))
        for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE")
    }
    return {
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "files": _open_files(),
        "limits": limits,
        "group": os.getpgid(0),
        "pid": os.getpid(),
        "parent": os.getppid(),
        "niceness": os.nice(0),
    }, []


def _open_files() -> list[str]:
    found: list[str] = []
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # The handle of the listing itself.
            found.append(str(handle.readlink()))
    return found


def die_by(path: str, options: dict[str, Any]) -> Answer:
    os.kill(os.getpid(), options["signal"])
    raise AssertionError("unreachable")


def leave(path: str, options: dict[str, Any]) -> Answer:
    os._exit(options["status"])


def devour(path: str, options: dict[str, Any]) -> Answer:
    return {}, [b"x" * options["bytes"]]


def fill_disk(path: str, options: dict[str, Any]) -> Answer:
    with Path("big").open("wb") as file:
        file.truncate(options["bytes"])
    return {}, []


def hang(path: str, options: dict[str, Any]) -> Answer:
    """Write this process's number beside the file, then sleep."""
    _announce(os.getpid())
    time.sleep(600)
    raise AssertionError("unreachable")


def hang_deaf(path: str, options: dict[str, Any]) -> Answer:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU):
        signal.signal(number, signal.SIG_IGN)
    return hang(path, options)


def leave_somebody_behind(path: str, options: dict[str, Any]) -> Answer:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    _announce(other.pid)
    return {}, []


def wait_for_file(path: str, options: dict[str, Any]) -> Answer:
    """Say that it has begun, end when a file appears, tell from when to when it ran."""
    started = time.monotonic()
    _announce(os.getpid())
    while not Path(options["until"]).exists():
        time.sleep(0.01)
    return {"started": started, "ended": time.monotonic()}, []


def _announce(pid: int) -> None:
    unready = Path("pid.unready")
    unready.write_text(str(pid))
    unready.rename("pid")


class _ArtlessError(Exception):
    def __init__(self, refusal: Any) -> None:
        super().__init__("refused")
        self.refusal = refusal


def refuse(path: str, options: dict[str, Any]) -> Answer:
    raise _ArtlessError(options["refusal"])


def fail(path: str, options: dict[str, Any]) -> Answer:
    raise ValueError("the diary says: " + Path(path).read_text())


def say(path: str, options: dict[str, Any]) -> Answer:
    """Answer with any bytes at all, as a child that was taken over might."""
    head, payload = options["head"].encode(), b"x" * options.get("payload", 0)
    lengths = options.get("lengths") or [len(head), len(payload)]
    with socket.socket(fileno=3) as answer:
        answer.sendall(FRAME.pack(*lengths) + head + payload)
    os._exit(0)


def print_a_lot(path: str, options: dict[str, Any]) -> Answer:
    print("SECRET OF THE FILE")
    print("SECRET OF THE FILE", file=sys.stderr, flush=True)
    os.write(1, b"SECRET OF THE FILE\n")
    os.write(2, b"SECRET OF THE FILE\n")
    return json.loads("{}"), []
