"""Checks requests against the official OpenAPI descriptions of Discord and OpenAI.

The descriptions are not part of this repository. They are looked for in the folder that
ISTHMUS_SPECS names, or in `../shared/specs`; who needs them and finds none says so.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FILES = {"discord": "discord-openapi.json.gz", "openai": "openai-openapi.json.gz"}
_BASE = "urn:description"

# What clients send that a description does not know, each with its reason.
TOLERATED_KEYS: dict[str, frozenset[str]] = {
    # discord.py sends it with every edit; Discord ignores it there.
    "PATCH /channels/{channel_id}/messages/{message_id}": frozenset({"tts"}),
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original": frozenset({"tts"}),
}


def find_description(name: Literal["discord", "openai"]) -> Path | None:
    """Return the path of a description; None when it is not there."""
    folder = os.environ.get("ISTHMUS_SPECS") or Path(__file__).parent.parent.parent / "shared" / "specs"
    path = Path(folder) / FILES[name]
    return path if path.is_file() else None


class ApiDescription:
    """One description, compiled as far as it is asked for."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document: Mapping[str, Any] = _inclusive(document)
        self._validators: dict[str, Draft202012Validator] = {}

    @classmethod
    def load(cls, path: Path) -> ApiDescription:
        """Read a description."""
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return cls(json.load(file))

    def check(self, method: str, path: str, body: Any, *, content_type: str = "application/json") -> list[str]:
        """Return what is wrong with a request; empty when it fits.

        Args:
            method: HTTP method.
            path: Without the API's base path.
            body: The JSON body (of a form, its `payload_json`); None when there is none.
        """
        found = self._operation(method, path)
        if found is None:
            return [f"{method} {path}: the description has no such operation"]
        template, operation = found
        content: Mapping[str, Any] = operation.get("requestBody", {}).get("content", {})
        if body is None or content_type != "application/json" or content_type not in content:
            return []
        where = f"{method} {template}"
        schema = content["application/json"]["schema"]
        problems = [
            f"{where}: {best_match([error]).message[:300]} at {list(error.absolute_path)}"
            for error in self._validator(where, schema).iter_errors(_as_described(body))
        ]
        unknown = self._unknown_keys(schema, body) - TOLERATED_KEYS.get(where, frozenset())
        return problems + [f"{where}: unknown key {key}" for key in sorted(unknown)]

    def _operation(self, method: str, path: str) -> tuple[str, Mapping[str, Any]] | None:
        for pattern, template in self._patterns:
            if pattern.fullmatch(path) and method.lower() in self._document["paths"][template]:
                return template, self._document["paths"][template][method.lower()]
        return None

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Paths as patterns; those with fewer parameters first, so that @me is not taken for an id."""
        paths = sorted(self._document["paths"], key=lambda each: each.count("{"))
        return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", each)), each) for each in paths]

    def _validator(self, where: str, schema: Mapping[str, Any]) -> Draft202012Validator:
        if where not in self._validators:
            resource = Resource(contents=self._document, specification=DRAFT202012)
            registry: Registry[Any] = Registry().with_resource(_BASE, resource)
            self._validators[where] = Draft202012Validator(_absolute(schema), registry=registry)
        return self._validators[where]

    def _unknown_keys(self, schema: Mapping[str, Any], body: Any) -> set[str]:
        """Return top-level keys that no branch of the schema knows; the schemas do not forbid them."""
        if not isinstance(body, dict):
            return set()
        known = {key for branch in self._branches(schema) for key in branch.get("properties", {})}
        return set(body) - known if known else set()

    def _branches(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        if "$ref" in schema:
            node: Any = self._document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                node = node[part]
            yield from self._branches(node)
            return
        yield schema
        for kind in ("allOf", "anyOf", "oneOf"):
            for branch in schema.get(kind, ()):
                yield from self._branches(branch)


def _absolute(schema: Any) -> Any:
    """Return a schema whose references point into the registered document."""
    if isinstance(schema, dict):
        return {key: f"{_BASE}{value}" if key == "$ref" else _absolute(value) for key, value in schema.items()}
    return [_absolute(each) for each in schema] if isinstance(schema, list) else schema


def _inclusive(schema: Any) -> Any:
    """Return a schema with every `oneOf` as `anyOf`.

    The descriptions list overlapping alternatives: a plain message fits two of OpenAI's.
    """
    if isinstance(schema, dict):
        return {"anyOf" if key == "oneOf" else key: _inclusive(value) for key, value in schema.items()}
    return [_inclusive(each) for each in schema] if isinstance(schema, list) else schema


def _as_described(body: Any) -> Any:
    """Return a body with snowflakes as strings: discord.py sends integers, and Discord takes them."""
    if isinstance(body, dict):
        return {
            key: _attachments(value)
            if key == "attachments"
            else str(value)
            if key.endswith("_id") and isinstance(value, int)
            else _as_described(value)
            for key, value in body.items()
        }
    return [_as_described(each) for each in body] if isinstance(body, list) else body


def _attachments(listed: Any) -> Any:
    """Return attachments with their ids (of new files: their numbers) as strings."""
    return [each | {"id": str(each["id"])} for each in listed or ()]
