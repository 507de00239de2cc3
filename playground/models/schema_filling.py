"""Values that satisfy a JSON schema, made of facts: whatever shape is asked for, it is filled."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground.models.errors import ApiError

Schema = Mapping[str, Any]
DEEPEST = 6
"""Levels after which optional parts of a recursive schema are left out."""
_SYNONYMS = {
    "headline": "title",
    "label": "name",
    "ocr": "visible_text",
    "ocr_text": "visible_text",
    "written": "visible_text",
    "alt": "alt_text",
    "reply": "answer",
    "response": "answer",
    "colors": "colours",
    "tags": "colours",
    "labels": "colours",
    "keywords": "colours",
    "duration": "seconds",
    "pictures_seen": "count",
    "start_seconds": "time_seconds",
    "start": "time_seconds",
    "time": "time_seconds",
    "at": "time_seconds",
    "at_seconds": "time_seconds",
    "timestamp": "time_seconds",
    "end": "end_seconds",
    "overview": "summary",
    "points": "key_points",
    "highlights": "key_points",
    "todo": "todos",
    "to_dos": "todos",
    "tasks": "todos",
    "action_items": "todos",
    "questions": "open_questions",
    "names": "people",
    "participants": "people",
    "who": "owner",
    "assignee": "owner",
    "deadline": "due",
    "color": "colour",
    "palette": "colour",
    "composition": "layout",
    "position": "layout",
    "lighting": "light",
    "subjects": "subject",
    "writing": "text",
    "overall_score": "overall",
    "score": "overall",
    "similarity": "overall",
    "total": "overall",
    "prompt": "rewritten_prompt",
    "new_prompt": "rewritten_prompt",
    "next_prompt": "rewritten_prompt",
    "improved_prompt": "rewritten_prompt",
    "revised_prompt": "rewritten_prompt",
    "drawing_prompt": "rewritten_prompt",
    "is_same": "same",
}
_ONE_PER_ITEM = frozenset({"pictures", "images", "frames", "moments", "items", "scenes", "shots", "segments"})
_FORMATS = {
    "date": "2026-01-01",
    "time": "12:00:00Z",
    "date-time": "2026-01-01T12:00:00Z",
    "duration": "PT1S",
    "email": "scripted@example.com",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
}
_PATTERN_CANDIDATES = (
    "",
    "0",
    "1",
    "a",
    "A",
    "en",
    "00:00",
    "00:00:00",
    "2026-01-01",
    "#808080",
    "yes",
    "none",
)


@dataclass(slots=True)
class Facts:
    """What schemas are filled from; the names are those of properties.

    Attributes:
        text: Goes where no other text fits.
        items: The facts of each single picture or recording, for lists that want one entry each.
        entries: The facts of each entry of other lists, by the list's name.
        full: The most that a number can be: it is scaled to the maximum that the schema gives.
        flags: For booleans.
        number_lists: For lists of numbers, e.g. the sides of a box.
        sparse: Whether what is not known is left out, or null, wherever the schema allows it.
    """

    text: str
    texts: Mapping[str, str]
    numbers: Mapping[str, float]
    lists: Mapping[str, list[str]]
    items: list[Facts] = field(default_factory=list["Facts"])
    entries: Mapping[str, list[Facts]] = field(default_factory=dict[str, list["Facts"]])
    full: Mapping[str, float] = field(default_factory=dict[str, float])
    flags: Mapping[str, bool] = field(default_factory=dict[str, bool])
    number_lists: Mapping[str, list[float]] = field(default_factory=dict[str, list[float]])
    sparse: bool = False

    def know(self, name: str) -> bool:
        """Tell whether there is a fact of this name."""
        known = (self.texts, self.numbers, self.lists, self.entries, self.flags, self.number_lists)
        return any(name in each for each in known)


def fill(schema: Schema, facts: Facts) -> Any:
    """Return a value that satisfies a schema.

    Raises:
        ApiError: 501 for a part of JSON Schema that this server does not know.
    """
    return _Filler(schema).fill(schema, "", facts, 0)


def field_names(schema: Any) -> set[str]:
    """Return the names of all properties in a schema, at any depth."""
    if isinstance(schema, list):
        return {name for each in schema for name in field_names(each)}
    if not isinstance(schema, Mapping):
        return set()
    own = {_canonical(name) for name in schema.get("properties", {})}
    return own | {name for each in schema.values() for name in field_names(each)}


class _Filler:
    def __init__(self, root: Schema) -> None:
        self._root = root

    def fill(self, schema: Schema, name: str, facts: Facts, depth: int) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            fact = facts.texts.get(_canonical(name))
            if facts.sparse:
                said = facts.text.lower()
                fact = next((e for e in schema["enum"] if re.sub(r"[_-]", " ", str(e)).lower() in said), fact)
            return fact if fact in schema["enum"] else schema["enum"][0]
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return self._choice(schema[choice], name, facts, depth)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            unknown = facts.sparse and "null" in kind and not facts.know(_canonical(name))
            wanted = "null" if unknown else next((each for each in kind if each != "null"), "null")
            kind = wanted if depth < DEEPEST else kind[-1]
        match kind:
            case "object":
                return self._object(schema, facts, depth)
            case "array":
                return self._array(schema, name, facts, depth)
            case "integer" | "number":
                return _number(schema, _scaled(schema, _canonical(name), facts), whole=kind == "integer")
            case "boolean":
                return facts.flags.get(_canonical(name), False)
            case "null":
                return None
            case _:
                return _string(schema, name, facts)

    def _resolved(self, schema: Schema) -> Schema:
        """Return a schema with its reference and its `allOf` put into one."""
        merged: dict[str, Any] = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
        parts: list[Schema] = [*schema.get("allOf", ())]
        if "$ref" in schema:
            parts.append(self._target(schema["$ref"]))
        for part in parts:
            for key, value in self._resolved(part).items():
                if key == "properties":
                    known = merged.get(key, {})
                    both = {name: {"allOf": [known[name], value[name]]} for name in known.keys() & value.keys()}
                    merged[key] = {**known, **value, **both}
                elif key == "required":
                    merged[key] = [*merged.get(key, ()), *value]
                else:
                    merged.setdefault(key, value)
        return merged

    def _target(self, reference: str) -> Schema:
        if not reference.startswith("#"):
            raise ApiError(400, "invalid_json_schema", f"Cannot resolve the reference {reference}")
        node: Any = self._root
        for step in filter(None, reference[1:].split("/")):
            node = node[step.replace("~1", "/").replace("~0", "~")]
        return node

    def _choice(self, branches: list[Schema], name: str, facts: Facts, depth: int) -> Any:
        wanted = [each for each in branches if each.get("type") != "null"]
        unknown = facts.sparse and not facts.know(_canonical(name)) and "properties" not in str(wanted)
        if len(wanted) < len(branches) and (depth >= DEEPEST or not wanted or unknown):
            return None
        return self.fill(wanted[0], name, facts, depth + 1)

    def _object(self, schema: Schema, facts: Facts, depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        return {
            key: self.fill(each, key, facts, depth + 1)
            for key, each in schema.get("properties", {}).items()
            if key in required or (depth < DEEPEST and (not facts.sparse or facts.know(_canonical(key))))
        }

    def _array(self, schema: Schema, name: str, facts: Facts, depth: int) -> list[Any]:
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        items = schema.get("items", {})
        canonical = _canonical(name)
        if depth >= DEEPEST:
            values: list[Any] = []
        elif canonical in facts.number_lists and self._resolved(items).get("type") in {"number", "integer"}:
            whole = self._resolved(items)["type"] == "integer"
            values = [
                _number(self._resolved(items), each, whole=whole) for each in facts.number_lists[canonical]
            ]
        elif canonical in facts.entries:
            values = [self.fill(items, "text", each, depth + 1) for each in facts.entries[canonical]]
        elif canonical in _ONE_PER_ITEM:
            values = [self.fill(items, name, each, depth + 1) for each in facts.items]
        elif canonical in facts.lists and self._resolved(items).get("type") == "string":
            values = [self._resolved(items).get("enum", [each])[0] for each in facts.lists[canonical]]
        else:
            values = [self.fill(items, name, facts, depth + 1)]
        while len(values) < least:
            values.append(self.fill(items, name, facts, depth + 1))
        return values if len(values) <= most else values[: int(most)]


def _canonical(name: str) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return _SYNONYMS.get(name, name)


def _string(schema: Schema, name: str, facts: Facts) -> str:
    if (form := schema.get("format")) in _FORMATS:
        return _FORMATS[form]
    text = facts.texts.get(_canonical(name), facts.text)
    least = schema.get("minLength", 0)
    text = text.ljust(least, ".")[: schema.get("maxLength")]
    pattern = schema.get("pattern")
    if pattern is None:
        return text
    for candidate in (text, *_PATTERN_CANDIDATES):
        if re.search(pattern, candidate) and least <= len(candidate) <= schema.get("maxLength", math.inf):
            return candidate
    raise ApiError(501, "not_implemented", f"The scripted model server cannot fill the pattern {pattern}")


def _scaled(schema: Schema, name: str, facts: Facts) -> float | None:
    value = facts.numbers.get(name)
    if value is None or name not in facts.full or "maximum" not in schema:
        return value
    return value / facts.full[name] * schema["maximum"]


def _number(schema: Schema, fact: float | None, *, whole: bool) -> float:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    step = schema.get("multipleOf", 1 if whole else 0)
    margin = step or 1e-6
    low = max(low, schema.get("exclusiveMinimum", -math.inf) + margin)
    high = min(high, schema.get("exclusiveMaximum", math.inf) - margin)
    value = min(max(fact or 0, low), high)
    if step:
        rounded = math.ceil(value / step) * step
        value = rounded if rounded <= high else math.floor(value / step) * step
    return int(value) if whole else value
