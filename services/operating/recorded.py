"""What the recorded results of steps speak of, whatever their types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, cast

from services.domain import Failure, StoredFile

_FAILURE = {each.name for each in fields(Failure)}
_STORED_FILE = {each.name for each in fields(StoredFile)}


def stored_files(result: Any) -> list[str]:
    """Return the SHA-256 of every stored file."""
    return [str(each["sha256"]) for each in _objects(result) if each.keys() >= _STORED_FILE]


def has_failure(result: Any) -> bool:
    """Tell whether something in it went wrong."""
    return any(each.keys() >= _FAILURE for each in _objects(result))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _objects(each)
    elif isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        yield held
        for each in held.values():
            yield from _objects(each)
