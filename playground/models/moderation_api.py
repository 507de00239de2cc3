"""Moderation: `POST /v1/moderations`. Certain markers and certain words are flagged, nothing else."""

from __future__ import annotations

import re
import secrets
from typing import Any

from playground.models.calls import ModelCall, Said
from playground.models.errors import ApiError
from playground.models.replies import Reply, as_json
from playground.models.sight import Sight, look_at_url

FLAGGED_MARKERS = {
    range(4000, 4032): "violence",
    range(4032, 4048): "violence/graphic",
    range(4048, 4080): "sexual",
    range(4080, 4096): "self-harm",
}
"""Pictures with such a marker are flagged, upright or not."""
_FLAGGED_WORD = re.compile(r"\bFLAGME(?::([a-z/-]+))?")
"""`FLAGME` flags a text for violence, `FLAGME:hate/threatening` for what it names."""
CATEGORIES = {
    "harassment": False,
    "harassment/threatening": False,
    "hate": False,
    "hate/threatening": False,
    "illicit": False,
    "illicit/violent": False,
    "self-harm": True,
    "self-harm/instructions": True,
    "self-harm/intent": True,
    "sexual": True,
    "sexual/minors": False,
    "violence": True,
    "violence/graphic": True,
}
"""The API's names, and whether pictures are judged by them too."""


def read(call: ModelCall) -> None:
    """Take a request apart.

    Raises:
        ApiError: As the real API answers it.
    """
    for each in _inputs(call.body.get("input")):
        for part in each:
            if part.get("type") == "text":
                call.said.append(Said("user", part["text"]))
            elif part.get("type") == "image_url":
                call.sights.append(look_at_url(part["image_url"]["url"]))
            else:
                raise ApiError(400, "invalid_value", f"Invalid value: '{part.get('type')}'.", param="input")


def answer(call: ModelCall) -> Reply:
    """Judge what was read: a list of texts one by one, a list of parts as one."""
    sights = iter(call.sights)
    results: list[dict[str, Any]] = []
    for each in _inputs(call.body["input"]):
        texts = [part["text"] for part in each if part["type"] == "text"]
        seen = [next(sights) for part in each if part["type"] == "image_url"]
        results.append(_result(texts, seen))
    model = call.model or "omni-moderation-latest"
    return as_json({"id": f"modr-{secrets.token_hex(8)}", "model": model, "results": results})


def flagged_words(text: str) -> set[str]:
    """Return the categories for which a text is flagged."""
    return {found[1] or "violence" for found in _FLAGGED_WORD.finditer(text)} & CATEGORIES.keys()


def _inputs(given: Any) -> list[list[dict[str, Any]]]:
    """Return the parts of each input that gets a result of its own."""
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list) or not given:
        raise ApiError(400, "missing_required_parameter", "Missing required parameter: 'input'.", param="input")
    if all(isinstance(each, str) for each in given):
        return [[{"type": "text", "text": each}] for each in given]
    return [given]


def _result(texts: list[str], sights: list[Sight]) -> dict[str, Any]:
    by_text = {category for each in texts for category in flagged_words(each)}
    by_sight = {category for each in sights for category in _flagged_marker(each)}
    applied: dict[str, list[str]] = {
        name: [*(["text"] if texts else []), *(["image"] if sights and pictures else [])]
        for name, pictures in CATEGORIES.items()
    }
    hits = by_text | by_sight
    return {
        "flagged": bool(hits),
        "categories": {name: name in hits for name in CATEGORIES},
        "category_scores": {name: 0.98 if name in hits else 0.0001 for name in CATEGORIES},
        "category_applied_input_types": applied,
    }


def _flagged_marker(sight: Sight) -> set[str]:
    number = sight.mark.number if sight.mark is not None else -1
    return {category for numbers, category in FLAGGED_MARKERS.items() if number in numbers}
