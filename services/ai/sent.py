"""Whether anything left for a model server during a call, and whether an answer began to come.

What did not leave cannot have cost anything; what was being answered probably has.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Sent:
    """Of one call, its tries and its tasks included."""

    anything: bool = False
    is_answered: bool = False
    """An answer with a good status has begun; perhaps its rest was lost."""


_sent: ContextVar[Sent | None] = ContextVar("sent", default=None)


@contextmanager
def watching() -> Generator[Sent]:
    """Watch what is sent within this block."""
    sent = Sent()
    token = _sent.set(sent)
    try:
        yield sent
    finally:
        _sent.reset(token)


def note_sent() -> None:
    """Note that a request leaves now."""
    if (sent := _sent.get()) is not None:
        sent.anything = True


def note_answered() -> None:
    """Note that an answer with a good status begins to come."""
    if (sent := _sent.get()) is not None:
        sent.is_answered = True
