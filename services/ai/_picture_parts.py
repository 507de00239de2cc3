"""How pictures are introduced and encoded, for both APIs."""

from __future__ import annotations

import base64

from services.ai.protocols import Picture


def data_url(picture: Picture) -> str:
    """Return a picture as a data URL."""
    return f"data:{picture.mime};base64,{base64.b64encode(picture.data).decode()}"


def caption(picture: Picture, number: int, count: int) -> str | None:
    """Return the line that introduces a moment of an animation; None for a single picture."""
    if picture.time is None:
        return None
    return f"Moment {number} of {count}, at {picture.time:.2f} seconds:"
