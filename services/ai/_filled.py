"""From the text of an answer to the fields that were asked for, and to text that can be kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeVar, cast

from pydantic import BaseModel

from services.errors import ReplyError

Fields = TypeVar("Fields", bound=BaseModel)

TEXT_LIMIT = 20_000
"""Characters of one text. To lay out a text takes the square of its length: at a million, minutes."""
STREAM_LIMIT = 10 * TEXT_LIMIT
_DECODER = json.JSONDecoder(strict=False)  # Models write line breaks into strings.
_MOST_STARTS = 50
"""Braces at which an object is looked for: thoughts in front of it may hold some of their own."""


def filled(text: str, schema: type[Fields]) -> Fields:
    """Return the fields that an answer holds.

    Servers that ignore the schema wrap the object in thoughts, words or fences.

    Raises:
        ValueError: There are no such fields.
    """
    for found in _objects(text):
        try:
            return schema.model_validate_json(json.dumps(_well_formed_throughout(found)))
        except (ValueError, RecursionError):
            continue
    raise ValueError(f"the answer has no {schema.__name__}")


def well_formed(text: str) -> str:
    """Return text that can be stored and sent: without NUL, and without halves of a character."""
    if text.isascii():
        return text.replace("\x00", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")


def bounded(text: str) -> str:
    """Cut a text that is longer than any answer should be; asking for few tokens binds no server."""
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1].rstrip() + "…"


def check_stream(text: str) -> None:
    """Give up on a stream that has brought so much that its end need not be waited for.

    Raises:
        ReplyError: It has.
    """
    if len(text) > STREAM_LIMIT:
        raise ReplyError("model-cut-short")


def _well_formed_throughout(value: object) -> object:
    match value:
        case str():
            return well_formed(value)
        case list():
            return [_well_formed_throughout(each) for each in cast("list[object]", value)]
        case dict():
            fields = cast("dict[str, object]", value)
            return {well_formed(name): _well_formed_throughout(each) for name, each in fields.items()}
        case _:
            return value


def _objects(text: str) -> Iterator[object]:
    """Yield the JSON objects in a text, those inside others left out."""
    start = text.find("{")
    for _ in range(_MOST_STARTS):
        if start < 0:
            return
        try:
            found, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
        else:
            yield found
            start = text.find("{", end)
