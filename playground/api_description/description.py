"""One official description, compiled as far as it is asked for."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from playground.api_description.discord_limits import exceeded_limits
from playground.api_description.forms import as_instance
from playground.api_description.schemas import Schema, lookup, possible, prepared
from playground.api_description.tolerances import TOLERATED_KEYS, tolerate
from playground.api_description.unknown_keys import unknown_keys

JSON = "application/json"
FORM = "multipart/form-data"
LONGEST_MESSAGE = 300
_BASE = "urn:description"
_QUERY_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class _Operation:
    """Attributes: `where` names it, e.g. `POST /channels/{channel_id}/messages`."""

    where: str
    schema: Mapping[str, Any]
    parameters: list[Mapping[str, Any]]


class ApiDescription:
    """Says what is wrong with a request. Make one with `load`, once: it takes about a second."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document: dict[str, Any] = prepared(document)
        tolerate(self._document)
        self._is_discord = "discord" in str(document["info"]["title"]).lower()
        self._validators: dict[tuple[str, str], Validator] = {}

    @classmethod
    def load(cls, path: Path) -> ApiDescription:
        """Read a description (gzipped JSON)."""
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return cls(json.load(file))

    def check(self, method: str, path: str, body: Any, *, content_type: str = JSON) -> list[str]:
        """Return what is wrong with a request; empty when it fits.

        Args:
            method: HTTP method.
            path: Without the API's base path. A query is checked when it is there, `?limit=5`.
            body: The JSON body, or of a form its `payload_json` (Discord) or its fields (OpenAI), where
                a list stands for `name[]` and any text for a file; None when there is no body.
            content_type: Of the request.
        """
        path, has_query, query = path.partition("?")
        found = self._find(method, path)
        if found is None:
            return [f"{method} {path}: the description has no such operation"]
        operation, segments = found
        problems = list(self._parameter_problems(operation, "path", segments))
        if has_query:
            values = dict(parse_qsl(query, keep_blank_values=True))
            problems += self._parameter_problems(operation, "query", values)
        problems += self._body_problems(operation, body, content_type)
        return [f"{operation.where}: {each}" for each in problems]

    # ---- the operation -------------------------------------------------------------------------

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Paths as patterns; those with fewer parameters first, so that @me is not taken for an id."""
        paths = sorted(self._document["paths"], key=lambda each: each.count("{"))
        return [(re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", each)), each) for each in paths]

    def _find(self, method: str, path: str) -> tuple[_Operation, dict[str, str]] | None:
        for pattern, template in self._patterns:
            item: Mapping[str, Any] = self._document["paths"][template]
            if method.lower() in item and (match := pattern.fullmatch(path)):
                given = [*item.get("parameters", ()), *item[method.lower()].get("parameters", ())]
                parameters = [self._looked_up(each) for each in given]
                operation = _Operation(f"{method} {template}", item[method.lower()], parameters)
                return operation, match.groupdict()
        return None

    def _looked_up(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        return lookup(self._document, node["$ref"]) if "$ref" in node else node

    # ---- parameters, loosely -------------------------------------------------------------------

    def _parameter_problems(
        self, operation: _Operation, place: str, values: Mapping[str, str]
    ) -> Iterator[str]:
        known = {each["name"]: each for each in operation.parameters if each["in"] == place}
        for name, each in known.items():
            if name not in values:
                if place == "query" and each.get("required"):
                    yield f"query parameter {name} is missing"
                continue
            key = (operation.where, f"{place} {name}")
            # Texts and numbers look alike here: it fits when it does as either.
            candidates: list[Any] = [values[name]]
            if _QUERY_NUMBER.fullmatch(values[name]):
                candidates.append(float(values[name]))
            elif values[name].lower() in {"true", "false"}:
                candidates.append(values[name].lower() == "true")
            validator = self._validator(key, each.get("schema", {}))
            listed = "array" in json.dumps(each.get("schema", {}))
            if not listed and not any(validator.is_valid(candidate) for candidate in candidates):
                yield f"{place} parameter {name} does not fit: {values[name]!r}"
        if place == "query":
            names = {name.removesuffix("[]") for name in values} - {name.removesuffix("[]") for name in known}
            yield from (f"unknown query parameter {name}" for name in sorted(names))

    # ---- the body, strictly --------------------------------------------------------------------

    def _body_problems(self, operation: _Operation, body: Any, content_type: str) -> Iterator[str]:
        wanted = self._looked_up(operation.schema.get("requestBody", {}))
        contents: Mapping[str, Any] = wanted.get("content", {})
        if body is None:
            if wanted.get("required"):
                yield "the body is missing"
            return
        kind = content_type.partition(";")[0].strip()
        if kind not in contents:
            if body:
                yield f"takes no body of the type {kind}"
            return
        schema: Schema = contents[kind]["schema"]
        if kind == FORM and not self._is_discord:
            body = as_instance(self._document, schema, body)
        for error in self._validator((operation.where, kind), schema).iter_errors(body):
            culprit = _culprit(error)
            yield f"{culprit.message[:LONGEST_MESSAGE]} at {_dotted(culprit.absolute_path)}"
        tolerated = TOLERATED_KEYS.get(operation.where, frozenset())
        for key in unknown_keys(self._document, schema, body):
            if ".".join(step for step in key.split(".") if not step.isdigit()) not in tolerated:
                yield f"unknown key {key}"
        if self._is_discord:
            yield from exceeded_limits(body)

    def _validator(self, key: tuple[str, str], schema: Schema) -> Validator:
        if key not in self._validators:
            self._validators[key] = self._validator_class(_absolute(schema), registry=self._registry)
        return self._validators[key]

    @cached_property
    def _validator_class(self) -> type[Validator]:
        """Return a validator that does not go into alternatives which the object's fixed values rule out.

        A message's components are of a dozen kinds, which hold components again: to try them all takes long.
        """

        def any_of(
            validator: Any, alternatives: list[Schema], instance: Any, _schema: Any
        ) -> Iterator[ValidationError]:
            tried = (
                possible(self._document, alternatives, instance)
                if isinstance(instance, dict)
                else range(len(alternatives))
            )
            context: list[ValidationError] = []
            for index in tried:
                errors = list(validator.descend(instance, alternatives[index], schema_path=index))
                if not errors:
                    return
                context += errors
            yield ValidationError(f"{instance!r} is not valid under any of the given schemas", context=context)

        return extend(Draft202012Validator, {"anyOf": any_of})

    @cached_property
    def _registry(self) -> Registry[Any]:
        resource = Resource(contents=self._document, specification=DRAFT202012)
        return Registry[Any]().with_resource(_BASE, resource)


def _culprit(error: ValidationError) -> ValidationError:
    """Return what is really wrong: in alternatives, what is wrong in the one that is meant."""
    while error.context:
        alternatives: dict[Any, list[ValidationError]] = {}
        for each in error.context:
            alternatives.setdefault(each.schema_path[0], []).append(each)
        meant = [errors for errors in alternatives.values() if not any(map(_is_of_other_kind, errors))]
        if len(meant) != 1:
            return best_match([error])
        error = meant[0][0]
    return error


def _is_of_other_kind(error: ValidationError) -> bool:
    """Tell whether an alternative is for another kind of value: another JSON type, another `type` field."""
    path = list(error.relative_path)
    return (not path and error.validator == "type") or (
        path == ["type"] and error.validator in {"enum", "const"}
    )


def _absolute(schema: Any) -> Any:
    """Return a schema whose references point into the registered document."""
    if isinstance(schema, dict):
        return {key: f"{_BASE}{value}" if key == "$ref" else _absolute(value) for key, value in schema.items()}
    return [_absolute(each) for each in schema] if isinstance(schema, list) else schema


def _dotted(path: Any) -> str:
    return ".".join(map(str, path)) or "the top"
