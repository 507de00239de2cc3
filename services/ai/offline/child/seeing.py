"""Looks at pictures: measures them, reads what is written, counts faces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.ai.offline.child import faces, facts, reading
from services.ai.offline.child.errors import MissingPartError, UnreadableError
from services.ai.offline.child.pixels import Pixels, open_picture

SAME_BELOW = 0.004
"""Share of changed cells up to which a moment looks like the one before, so it is not read again."""


def look(options: Mapping[str, Any], payloads: Sequence[bytes]) -> dict[str, Any]:
    """Look at one picture, or at several that follow each other.

    Args:
        options: `pictures`: the `mime`, `width` and `height` (px) of each.
        payloads: The pictures.

    Returns:
        `pictures`, each with what `facts.measure` says, its `lines`, `faces` and the `change` since the
        one before (0 to 1); and `missing`, the names of parts that are not installed.
    """
    told = options["pictures"]
    if len(told) != len(payloads):
        raise UnreadableError
    missing: set[str] = set()
    seen: list[dict[str, Any]] = []
    before: Pixels | None = None
    for data, size in zip(payloads, told, strict=True):
        pixels = open_picture(data, size)
        change = 0.0 if before is None else facts.change(before, pixels)
        sight = {**facts.measure(pixels), "change": change}
        if seen and change < SAME_BELOW:
            sight |= {"lines": seen[-1]["lines"], "faces": seen[-1]["faces"]}
        else:
            sight |= {"lines": _lines(pixels, missing), "faces": _faces(pixels, missing)}
        seen.append(sight)
        before = pixels
    return {"pictures": seen, "missing": sorted(missing)}


def _lines(pixels: Pixels, missing: set[str]) -> list[dict[str, Any]]:
    try:
        return reading.read_lines(pixels)
    except MissingPartError:
        missing.add("reading")
        return []


def _faces(pixels: Pixels, missing: set[str]) -> list[list[int]]:
    try:
        return faces.find_faces(pixels)
    except MissingPartError:
        missing.add("faces")
        return []
