"""Frozen values to JSON and back, for workflow inputs, step results and columns."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


def to_json(kind: Any, value: object) -> Any:
    """Return the JSON-able form (str, int, float, bool, None, list, dict) of a value of this type.

    Texts come from people and models: halves of surrogate pairs are joined or replaced and NUL is
    left out, because no database takes them.

    Raises:
        ValueError, AttributeError: The value is not of this type.
    """
    return _storable(_adapter(kind).dump_python(value, mode="json", warnings="error"))


def from_json(kind: type[T] | Any, value: object) -> Any:
    """Rebuild a value of this type from its JSON-able form.

    Raises:
        pydantic.ValidationError: It is no form of this type.
    """
    return _adapter(kind).validate_python(value)


def storable_text(text: str) -> str:
    """Return a text as every database takes it: without NUL, and without halves of surrogate pairs."""
    # Through UTF-16, two halves of a pair become the character that they stand for.
    return text.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, list):
        return [_storable(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {_storable(name): _storable(each) for name, each in cast("dict[str, Any]", value).items()}
    return value


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
