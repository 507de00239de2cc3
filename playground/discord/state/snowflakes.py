"""Discord's ids, which hold the time of their making."""

from __future__ import annotations

import time
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000
_SEQUENCE_BITS = 22


class _Sequence:
    """One for all worlds of a process, so that their ids never meet."""

    last = 0
    count = 0


def snowflake(*, age: float = 0.0) -> int:
    """Return a new id, larger than every one before it.

    Args:
        age: Seconds by which the id is older than now; such ids are unique, but not in order.
    """
    now = (int((time.time() - age) * 1000) - EPOCH_MS) << _SEQUENCE_BITS
    if age:
        _Sequence.count += 1
        return now | _Sequence.count % (1 << _SEQUENCE_BITS)
    _Sequence.last = max(now, _Sequence.last + 1)
    return _Sequence.last


def seconds_of(made: int) -> float:
    """Return when an id was made, in Unix time."""
    return ((made >> _SEQUENCE_BITS) + EPOCH_MS) / 1000


def time_of(made: int) -> str:
    """Return when an id was made, as Discord writes it."""
    return written(seconds_of(made))


def written(seconds: float) -> str:
    """Return a Unix time as Discord writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def timestamp() -> str:
    """Return the time as Discord writes it."""
    return written(time.time())
