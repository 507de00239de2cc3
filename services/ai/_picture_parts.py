"""How pictures are introduced and encoded, for both APIs."""

from __future__ import annotations

import base64

from services.ai.protocols import Picture


def data_url(picture: Picture) -> str:
    """Return a picture as a data URL."""
    return f"data:{picture.mime};base64,{base64.b64encode(picture.data).decode()}"


def caption(picture: Picture, number: int, count: int, noun: str) -> str | None:
    """Return the line that introduces one of several pictures with a time; None for one without."""
    if picture.time is None:
        return None
    return f"{noun} {number} of {count}, at {picture.time:.2f} seconds:"
