"""Form fields as the values that a schema describes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from playground.api_description.schemas import Schema, branches

_NESTED = re.compile(r"([^\[\]]+)\[([^\[\]]+)\]")
_WORDS: Mapping[str, Any] = {"true": True, "false": False}


def as_instance(document: Schema, schema: Schema, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form says, in JSON's types.

    `name[]` is a list, `name[key]` an object, and a text becomes a number or a boolean where the
    schema knows no text in its place. Files are strings.
    """
    instance: dict[str, Any] = {}
    for name, value in fields.items():
        if name.endswith("[]"):
            instance[name[:-2]] = list(value) if isinstance(value, list) else [value]
        elif nested := _NESTED.fullmatch(name):
            instance.setdefault(nested[1], {})[nested[2]] = value
        else:
            instance[name] = value
    kinds: dict[str, set[str]] = {}
    for branch in branches(document, schema):
        for key, each in branch.get("properties", {}).items():
            kinds.setdefault(key, set()).update(_types(branches(document, each)))
    return {key: _typed(value, kinds.get(key, set())) for key, value in instance.items()}


def _types(schemas: Iterable[Schema]) -> set[str]:
    found: set[str] = set()
    for schema in schemas:
        kind = schema.get("type", [])
        found.update([kind] if isinstance(kind, str) else kind)
    return found


def _typed(value: Any, kinds: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _typed(each, {"number", "boolean", "string"}) for key, each in value.items()}
    if not isinstance(value, str) or ("string" in kinds and not _looks_typed(value, kinds)):
        return value
    if "boolean" in kinds and value in _WORDS:
        return _WORDS[value]
    if kinds & {"integer", "number"}:
        return _number(value)
    return value


def _looks_typed(value: str, kinds: set[str]) -> bool:
    return ("boolean" in kinds and value in _WORDS) or (
        bool(kinds & {"integer", "number"}) and not isinstance(_number(value), str)
    )


def _number(value: str) -> float | str:
    try:
        return int(value) if value.lstrip("-").isdigit() else float(value)
    except ValueError:
        return value
