"""A test feature: a process that kills itself at a certain moment of a certain step."""

from __future__ import annotations

import itertools
import os
import signal
import time
from pathlib import Path

FAULT_KILL = "ISTHMUS_FAULT_KILL"
"""Test feature: `<step>:<before|inside|after>[:<nth>]` makes the process kill itself (SIGKILL) before a
step's body, after its body but before it is recorded, or once it is recorded; the nth time, if given. The
step `deliver` can also die once its outcome is `posted`.
`@<path>` stands for the order in that file, which may be written while the process runs; whoever obeys
it deletes it first, so that of many processes one dies."""
_fault_passes = itertools.count(1)


def kill_if_asked(name: str, moment: str) -> None:
    """Die if that was ordered for this moment of this step; see `FAULT_KILL`."""
    order = os.environ.get(FAULT_KILL, "")
    if not order:
        return
    try:
        written = Path(order[1:]) if order.startswith("@") else None
        step, _, when = (written.read_text() if written else order).partition(":")
        asked_moment, _, nth = when.partition(":")
        if (step, asked_moment) != (name, moment) or next(_fault_passes) < int(nth or 1):
            return
        if written:
            written.unlink()
    except FileNotFoundError:
        return  # Nothing is asked, or another process has just obeyed.
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # The signal is on its way; do nothing more.
