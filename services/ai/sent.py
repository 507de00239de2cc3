"""Whether anything left for a model server during a call: what did not cannot have cost anything."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Sent:
    """Of one call, its tries and its tasks included."""

    anything: bool = False


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
