"""Frozen values to JSON and back, for workflow inputs, step results and columns."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def to_json(kind: Any, value: object) -> Any:
    """Return the JSON-able form (str, int, float, bool, None, list, dict) of a value of this type."""
    return _adapter(kind).dump_python(value, mode="json")


def from_json(kind: type[T] | Any, value: object) -> Any:
    """Rebuild a value of this type from its JSON-able form."""
    return _adapter(kind).validate_python(value)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
