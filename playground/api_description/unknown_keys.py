"""Keys that a description does not know: its schemas seldom forbid them, the APIs ignore or refuse them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from playground.api_description.schemas import Schema, branches, fitting


def unknown_keys(document: Schema, schema: Schema, value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each key that no branch meant for its object knows, e.g. `components.0.colour`."""
    if isinstance(value, dict):
        yield from _in_object(document, schema, value, path)
    elif isinstance(value, list):
        items = {"anyOf": [each["items"] for each in branches(document, schema) if "items" in each]}
        if items["anyOf"]:
            for number, each in enumerate(value):
                yield from unknown_keys(document, items, each, f"{path}{number}.")


def _in_object(document: Schema, schema: Schema, value: Mapping[str, Any], path: str) -> Iterator[str]:
    meant = fitting(document, schema, value)
    properties: dict[str, list[Schema]] = {}
    free: list[Schema] = []
    for branch in meant:
        for key, each in branch.get("properties", {}).items():
            properties.setdefault(key, []).append(each)
        others = branch.get("additionalProperties")
        if isinstance(others, dict):
            free.append(others)
        elif others is True or branch.get("patternProperties"):
            free.append({})
    if not properties and not free:
        return  # nothing is said about this object's keys
    for key, each in value.items():
        inner = properties.get(key) or free
        if not inner:
            yield f"{path}{key}"
        else:
            yield from unknown_keys(document, {"anyOf": inner}, each, f"{path}{key}.")
