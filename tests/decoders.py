"""Forks the process that a bot's decoding children come from, too: it imports decoders for half a second.

    python -m tests.decoders LISTENING_FD FOLDER MODULE...

A forked bot starts that process by a program of ours in place of Python. It hands the control socket over to
this one, which has the decoders imported and nothing else, and lives for as long as the fork does. The
tests of the sandbox itself, and bots that are started afresh, do without.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from services.media._zygote import main as serve

PROGRAM = """#!{python} -IS
import _socket
import os
import sys

if sys.argv[1:4] != ["-P", "-m", "services.media._zygote"]:
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
control, *modules = sys.argv[4:]
server = _socket.socket(_socket.AF_UNIX)
server.connect({address!r})
handles = b"".join(each.to_bytes(4, sys.byteorder) for each in (int(control), 2))
server.sendmsg([" ".join(modules).encode()], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, handles)])
os.close(int(control))
server.recv(1)  # Nothing comes, until it has ended.
"""
"""As small as can be, without imports of the site."""
MESSAGE_BYTES = 4096


def start(modules: Sequence[str], environment: dict[str, str]) -> str:
    """Start the process that others are forked from; it ends after this one and its forks.

    Args:
        modules: What it imports.
        environment: Of it and of its forks.

    Returns:
        What to start in place of Python.
    """
    folder = Path(tempfile.mkdtemp(prefix="isthmus-decoders-"))
    address, program = str(folder / "socket"), folder / "program"
    program.write_text(PROGRAM.format(python=sys.executable, address=address))
    program.chmod(0o700)
    reading, writing = os.pipe()
    os.set_inheritable(writing, False)  # by programs; forks keep it
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        subprocess.Popen(
            [sys.executable, "-m", "tests.decoders", str(listening.fileno()), str(folder), *modules],
            cwd=Path(__file__).parent.parent,
            env=environment,
            pass_fds=[listening.fileno()],
            stdin=reading,
            start_new_session=True,
        )
    os.close(reading)
    return str(program)


def main() -> None:
    """Import the modules, then fork for whoever connects."""
    listening, folder = socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])
    for module in sys.argv[3:]:
        __import__(module)
    while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
        while _has_buried_one():
            pass
        asking, _ = listening.accept()
        message, handles, _, _ = socket.recv_fds(asking, MESSAGE_BYTES, 2)
        if os.fork() == 0:
            listening.close()
            _become(handles, message.decode().split())
        for each in (asking.detach(), *handles):
            os.close(each)
    shutil.rmtree(folder, ignore_errors=True)


def _has_buried_one() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:  # There is none.
        return False


def _become(handles: list[int], modules: list[str]) -> None:
    """In the fork: be what was asked for, and never return; whoever asked is told by the end."""
    status = 1
    try:
        os.setsid()
        control, stderr = handles
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard, handle in enumerate((nothing, nothing, stderr)):
            os.dup2(handle, standard)
        sys.argv[1:] = [str(control), *modules]
        serve()
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
