"""Answers made from what was sent: structured ones that fit the schema, and plain ones that quote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from playground.models.sight import Sight

SIGNATURE = "The scripted model server"
_REQUEST = re.compile(r"Request of the asker:\n(.*?)(?:\n\nLanguage where|\Z)", re.DOTALL)
_DATA = re.compile(r"\[data \w+ [^\]]*\]\n(.*?)\n\[end ", re.DOTALL)
_WORD = re.compile(r"\w{3,}")


def question_in(text: str) -> str:
    """Return what the asker wanted, as the prompt marks it."""
    found = _REQUEST.search(text)
    return found[1].strip() if found else ""


def plain(text: str) -> str:
    """Answer from the data blocks: quote the lines that share words with the question."""
    question = question_in(text)
    blocks = [block[1] for block in _DATA.finditer(text)]
    wanted = {word.lower() for word in _WORD.findall(question)}
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    shared = [line for line in lines if wanted & {word.lower() for word in _WORD.findall(line)}]
    quoted = " / ".join(dict.fromkeys(shared or lines[:2])) or "nothing"
    return f'{SIGNATURE} read {len(blocks)} blocks. Asked "{question}", it found: {quoted}'


def structured(schema: dict[str, Any], text: str, sights: Sequence[Sight]) -> Any:
    """Fill any JSON schema from the facts."""
    return _fill(schema, schema, "", _facts(text, sights))


def _facts(text: str, sights: Sequence[Sight]) -> dict[str, str]:
    seen = "; ".join(map(str, sights)) or "no picture"
    numbers = [f"MARKER {sight.marker}" for sight in sights if sight.marker is not None]
    question = question_in(text)
    answer = f'Asked "{question}": {seen}.' if question else ""
    title = f"{sights[0].colours[0].capitalize()} picture" if sights else "Nothing"
    return {
        "title": title,
        "visible_text": "\n".join(dict.fromkeys(numbers)),
        "alt_text": f"A picture: {seen}",
        "answer": answer,
        "": f"{SIGNATURE} saw {len(sights)} picture(s): {seen}.",
    }


def _fill(schema: dict[str, Any], root: dict[str, Any], name: str, facts: dict[str, str]) -> Any:
    if "$ref" in schema:
        return _fill(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, name, facts)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _fill(schema[choice][0], root, name, facts)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {key: _fill(each, root, key, facts) for key, each in fields.items()}
        case "array":
            return [_fill(schema.get("items", {}), root, name, facts)] * schema.get("minItems", 1)
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case "null":
            return None
        case _:
            return facts.get(name, facts[""])
