"""Whatever JSON schema a request carries, the filled value satisfies it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from playground.models.errors import ApiError
from playground.models.schema_filling import Facts, fill
from playground.models.strict_schemas import insist

Schema = dict[str, Any]
PART = Facts("one part", {"title": "Part"}, {"width": 10}, {"colours": ["red"]})
FACTS = Facts(
    "the whole",
    {"title": "Red picture", "visible_text": "MARKER 7", "answer": "", "alt_text": "alt"},
    {"width": 640, "height": 480, "marker": 7, "seconds": 2.5},
    {"colours": ["red", "blue"]},
    [PART, PART],
)


def an_object(**properties: Any) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def test_known_names_get_their_facts() -> None:
    """Property names choose the fact: also their synonyms, also in camel case."""
    text = {"type": "string"}
    schema = an_object(
        title=text,
        visibleText=text,
        alt_text=text,
        answer=text,
        mood=text,
        width={"type": "integer"},
        duration={"type": "number"},
        tags={"type": "array", "items": text},
        frames={"type": "array", "items": an_object(title=text, width={"type": "integer"})},
    )
    assert fill(schema, FACTS) == {
        "title": "Red picture",
        "visibleText": "MARKER 7",
        "alt_text": "alt",
        "answer": "",
        "mood": "the whole",
        "width": 640,
        "duration": 2.5,
        "tags": ["red", "blue"],
        "frames": [{"title": "Part", "width": 10}] * 2,
    }


SCHEMAS: dict[str, Schema] = {
    "nullable type list": {"type": ["string", "null"]},
    "nullable branch": {"anyOf": [{"type": "null"}, {"type": "integer"}]},
    "enum": {"enum": ["low", "high"]},
    "const": {"const": 7},
    "bounded number": {"type": "number", "minimum": 3, "exclusiveMaximum": 4},
    "exclusive integer": {"type": "integer", "exclusiveMinimum": 2, "maximum": 3},
    "multiple": {"type": "integer", "minimum": 5, "multipleOf": 4},
    "short text": {"type": "string", "maxLength": 3},
    "long text": {"type": "string", "minLength": 40},
    "date": {"type": "string", "format": "date"},
    "pattern": {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"},
    "full array": {"type": "array", "minItems": 3, "items": {"type": "boolean"}},
    "empty array": {"type": "array", "maxItems": 0, "items": {"type": "string"}},
    "array of enums": an_object(tags={"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}),
    "two frames at most": an_object(frames={"type": "array", "maxItems": 1, "items": {"type": "string"}}),
    "allOf": {
        "allOf": [an_object(a={"type": "string"}), {"type": "object", "properties": {"a": {"maxLength": 2}}}]
    },
    "definitions": {**an_object(a={"$ref": "#/$defs/A"}), "$defs": {"A": an_object(b={"type": "integer"})}},
    "recursive list": {**an_object(children={"type": "array", "items": {"$ref": "#"}})},
    "recursive branch": {**an_object(next={"anyOf": [{"$ref": "#"}, {"type": "null"}]})},
    "nothing said": {},
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_value_satisfies_its_schema(schema: Schema) -> None:
    """Each part of JSON Schema that structured outputs know is obeyed."""
    value = fill(schema, FACTS)
    Draft202012Validator(schema).validate(value)
    json.dumps(value)


def integer_from(low: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": low + 5}


def one_of(values: list[str]) -> Schema:
    return {"enum": values}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [{"type": "null"}, schema]}


def an_array(items: Schema, least: int, more: int) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": least + more}


def an_object_of(fields: dict[str, Schema]) -> Schema:
    return an_object(**fields)


def leaves() -> st.SearchStrategy[Schema]:
    plain: list[Schema] = [{"type": "string"}, {"type": "boolean"}, {"type": ["integer", "null"]}]
    return st.one_of(
        st.sampled_from(plain),
        st.integers(-9, 9).map(integer_from),
        st.lists(st.text(max_size=4), min_size=1, max_size=3).map(one_of),
    )


def deeper(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    names = st.sampled_from(["title", "answer", "frames", "colours", "width", "x", "y"])
    return st.one_of(
        st.dictionaries(names, inner, max_size=4).map(an_object_of),
        st.builds(an_array, inner, st.integers(0, 3), st.integers(0, 3)),
        inner.map(nullable),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(leaves(), deeper, max_leaves=12))
def test_any_schema_is_satisfied(schema: Schema) -> None:
    """Nested objects, lists and alternatives of any depth are filled."""
    Draft202012Validator(schema).validate(fill(schema, FACTS))


def test_unknown_pattern_is_said_aloud() -> None:
    """What cannot be filled is no silent lie."""
    with pytest.raises(ApiError) as error:
        fill({"type": "string", "pattern": "^x{77}y$"}, FACTS)
    assert error.value.status == 501


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "object", "properties": {}}, "additionalProperties"),
        ({**an_object(a={"type": "string"}), "required": []}, "Missing 'a'"),
        (an_object(a={"type": "array", "items": {"type": "object"}}), "'a', 'items'"),
        ({**an_object(a={"$ref": "#/$defs/A"}), "$defs": {"A": {"type": "object"}}}, "'A'"),
        ({"anyOf": [an_object()]}, 'type: "object"'),
    ],
)
def test_schema_that_is_not_strict_is_refused(schema: Schema, why: str) -> None:
    """As the real API does, wherever in the schema it is."""
    with pytest.raises(ApiError, match=why) as error:
        insist(schema, name="reading", param="text.format.schema")
    assert error.value.code == "invalid_json_schema"
    insist(an_object(a=an_object(b={"type": ["string", "null"]})), name="reading", param="")
