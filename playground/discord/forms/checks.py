"""Checks that many forms need. Each raises Discord's 400 with the place and the rule."""

from __future__ import annotations

from collections.abc import Collection, Sized
from typing import Any, TypeVar

from playground.discord.errors import invalid

T = TypeVar("T")


def typed(path: str, value: Any, kind: type[T]) -> T:
    """Return a value that must be of a type."""
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise invalid(path, "BASE_TYPE_PARSE", f"Could not interpret value as {kind.__name__}.")


def required(path: str, value: T | None) -> T:
    """Return a value that must be there."""
    if value is None:
        raise invalid(path, "BASE_TYPE_REQUIRED", "This field is required")
    return value


def sized(path: str, value: Sized, low: int, high: int) -> None:
    """Refuse what is too short or too long."""
    if low <= len(value) <= high:
        return
    if low > 0:
        raise invalid(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
    raise invalid(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")


def text(path: str, value: Any, low: int, high: int) -> str:
    """Return a text of acceptable length."""
    found = typed(path, value, str)
    sized(path, found, low, high)
    return found


def within(path: str, value: Any, low: int, high: int) -> int:
    """Return a number of acceptable size."""
    found = typed(path, value, int)
    if not low <= found <= high:
        raise invalid(path, "NUMBER_TYPE_RANGE", f"Value must be between {low} and {high}.")
    return found


def one_of(path: str, value: Any, choices: Collection[Any]) -> Any:
    """Return a value that must be one of a few."""
    if value not in choices:
        listed = ", ".join(map(str, sorted(choices)))
        raise invalid(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
    return value


def snowflake_of(path: str, value: Any) -> int:
    """Return an id, which may come as text or as a number."""
    if isinstance(value, bool) or not str(value).isdigit():
        raise invalid(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
    return int(value)
