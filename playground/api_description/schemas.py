"""Schemas of a description: made fit for JSON Schema, looked up, and taken apart into their branches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
_CHOICES = ("allOf", "anyOf", "oneOf")


def prepared(node: Any) -> Any:
    """Return a description whose schemas are plain JSON Schema that says what its authors meant.

    `oneOf` becomes `anyOf`: the descriptions list overlapping alternatives (a plain message fits two
    of OpenAI's). `nullable`, a word of OpenAPI 3.0 that OpenAI still uses, becomes a null branch.
    """
    if isinstance(node, list):
        return [prepared(each) for each in node]
    if not isinstance(node, dict):
        return node
    changed = {
        "anyOf" if key == "oneOf" and isinstance(value, list) else key: value for key, value in node.items()
    }
    changed = {key: prepared(value) for key, value in changed.items()}
    if node.get("nullable") is True:
        return {"anyOf": [{"type": "null"}, {key: each for key, each in changed.items() if key != "nullable"}]}
    return changed


def lookup(document: Schema, reference: str) -> Schema:
    """Return what a reference within the document points to."""
    node: Any = document
    for step in reference.partition("#/")[2].split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node


def branches(document: Schema, schema: Schema) -> Iterator[Schema]:
    """Yield a schema and all that it is made of: references, `allOf`, alternatives."""
    if "$ref" in schema:
        yield from branches(document, lookup(document, schema["$ref"]))
    yield schema
    for kind in _CHOICES:
        for branch in schema.get(kind, ()):
            yield from branches(document, branch)


def fitting(document: Schema, schema: Schema, value: Mapping[str, Any]) -> list[Schema]:
    """Return the branches that an object may be meant for.

    An alternative that names another `type` (or any other fixed value) than the object has is not meant.
    """
    meant: list[Schema] = []
    if "$ref" in schema:
        meant += fitting(document, lookup(document, schema["$ref"]), value)
    if not _contradicts(document, schema, value):
        meant.append(schema)
    for branch in schema.get("allOf", ()):
        meant += fitting(document, branch, value)
    for kind in ("anyOf", "oneOf"):
        alternatives: Sequence[Schema] = schema.get(kind, ())
        for index in possible(document, alternatives, value):
            meant += fitting(document, alternatives[index], value)
    return meant


def possible(document: Schema, alternatives: Sequence[Schema], value: Mapping[str, Any]) -> Sequence[int]:
    """Return the indices of the alternatives that are not ruled out for an object; all, where none is left."""
    chosen = [index for index, each in enumerate(alternatives) if not _is_ruled_out(document, each, value)]
    return chosen or range(len(alternatives))


def _is_ruled_out(document: Schema, schema: Schema, value: Mapping[str, Any]) -> bool:
    if _contradicts(document, schema, value):
        return True
    if "$ref" in schema and _is_ruled_out(document, lookup(document, schema["$ref"]), value):
        return True
    return any(_is_ruled_out(document, branch, value) for branch in schema.get("allOf", ()))


def _contradicts(document: Schema, schema: Schema, value: Mapping[str, Any]) -> bool:
    kind = schema.get("type", "object")
    if "object" not in ([kind] if isinstance(kind, str) else kind):
        return True
    for key, each in schema.get("properties", {}).items():
        if key not in value or isinstance(value[key], dict | list):
            continue
        inner = lookup(document, each["$ref"]) if "$ref" in each else each
        if ("const" in inner and value[key] != inner["const"]) or (
            "enum" in inner and value[key] not in inner["enum"]
        ):
            return True
    return False
