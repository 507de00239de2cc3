"""Runs a Python program that ends with whoever started it, also when that one was killed.

    python -m playground.leash bot.py run
    python -m playground.leash -m pip install ...

Standard input is the leash: the starter holds the other end of a pipe and writes nothing. When it is gone,
for whatever reason, the kernel closes the pipe and the program is killed. An orderly end would do harm: the
servers that the bot works with are gone as well, so its last jobs would fail instead of going on next time.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading


def main(arguments: list[str]) -> None:
    """Run a file, or with `-m` a module, as the main program."""
    threading.Thread(target=_watch, name="leash", daemon=True).start()
    is_module = arguments[0] == "-m"
    target = arguments[1] if is_module else arguments[0]
    sys.argv = [target, *arguments[2 if is_module else 1 :]]
    if is_module:
        runpy.run_module(target, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(target, run_name="__main__")


def _watch() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
