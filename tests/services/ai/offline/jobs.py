"""What runs in model children during tests: jobs that spy, die, hang, devour and lie."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from services.ai.offline.frames import FRAME


def echo(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    return {"options": options, "payloads": [each.hex() for each in payloads], "pid": os.getpid()}


def look_around(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    files = [str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.exists()]
    return {"environment": dict(os.environ), "folder": str(Path.cwd()), "files": files}


def die(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def hang(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    while True:
        time.sleep(60)


def tell_and_hang(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    """Say on the given socket that the job runs, then hang."""
    with socket.create_connection(("127.0.0.1", options["port"])) as connection:
        connection.sendall(str(os.getpid()).encode())
    return hang(options, payloads)


def devour(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    """Fill memory: the amount is twice the limit."""
    return {"sum": float(np.ones(options["bytes"], np.uint8).sum())}


def fail(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    raise ValueError("a secret from the content")


def lie(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    """Send a frame of our own instead of an answer."""
    connection = next(
        socket.socket(fileno=int(each.name))
        for each in Path("/proc/self/fd").iterdir()
        if each.exists() and str(each.readlink()).startswith("socket:")
    )
    content = bytes.fromhex(options["content"])
    connection.sendall(FRAME.pack(options.get("size", len(content)), 0) + content)
    return hang(options, payloads)
