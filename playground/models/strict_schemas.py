"""What the real API demands of a schema that is said to be strict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.models.errors import ApiError


def insist(schema: Any, *, name: str, param: str) -> None:
    """Check a strict schema.

    Raises:
        ApiError: As the real API answers a schema that is not strict.
    """
    if not isinstance(schema, dict) or schema.get("type") != "object":
        _refuse(name, param, (), "schema must be a JSON Schema of 'type: \"object\"'")
    _walk(schema, (), name, param)


def _walk(node: Any, path: tuple[str, ...], name: str, param: str) -> None:
    if isinstance(node, list):
        for number, each in enumerate(node):
            _walk(each, (*path, str(number)), name, param)
        return
    if not isinstance(node, Mapping):
        return
    if "properties" in node or node.get("type") == "object":
        if node.get("additionalProperties") is not False:
            _refuse(name, param, path, "'additionalProperties' is required to be supplied and to be false")
        missing = sorted(set(node.get("properties", {})) - set(node.get("required", ())))
        if missing:
            _refuse(
                name,
                param,
                path,
                "'required' is required to be supplied and to be an array including every key in properties."
                f" Missing '{missing[0]}'",
            )
        for key, each in node.get("properties", {}).items():
            _walk(each, (*path, "properties", key), name, param)
    for key in ("items", "anyOf"):
        _walk(node.get(key), (*path, key), name, param)
    for key in ("$defs", "definitions"):
        for title, each in node.get(key, {}).items():
            _walk(each, (*path, key, title), name, param)


def _refuse(name: str, param: str, path: tuple[str, ...], why: str) -> None:
    message = f"Invalid schema for response_format '{name}': In context={path}, {why}."
    raise ApiError(400, "invalid_json_schema", message, param=param)
