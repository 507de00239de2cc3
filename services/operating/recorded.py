"""What the recorded results of steps speak of, whatever their types."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, cast

from services.domain import Failure, StoredFile
from services.engine_records import RecordedStep

_FAILURE = {each.name for each in fields(Failure)}
_STORED_FILE = {each.name for each in fields(StoredFile)}


def stored_files(result: Any) -> list[str]:
    """Return the SHA-256 of every stored file."""
    return [str(each["sha256"]) for each in _objects(result) if each.keys() >= _STORED_FILE]


def has_failure(result: Any) -> bool:
    """Tell whether something in it went wrong."""
    return any(each.keys() >= _FAILURE for each in _objects(result))


def done_beside(steps: Sequence[RecordedStep]) -> dict[str, Any]:
    """Return, by name, what went well beside the first step that went wrong, not after it.

    What began before that one had ended cannot rest on it: a fork need not pay for it again. Files are
    left out: they are deleted once their messages stand.

    Args:
        steps: Of one job, with content.
    """
    failed = [each for each in steps if each.error or has_failure(each.result)]
    first_end = min((each.ended for each in failed if each.ended is not None), default=math.inf)
    return {
        each.name: each.result
        for each in steps
        if each not in failed
        and each.started is not None
        and each.started < first_end
        and not stored_files(each.result)
    }


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _objects(each)
    elif isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        yield held
        for each in held.values():
            yield from _objects(each)
