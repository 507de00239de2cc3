"""What a scripted model can do beyond decoding: hear speech and read writing with plugged-in engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

Listener = Callable[[bytes], str]
"""Returns what is said in a recording (the bytes of its file); empty for nothing. Called in worker threads."""
Reader = Callable[[Image.Image], list[str]]
"""Returns the lines that are written in a picture, top down. Called in worker threads."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """How a server's models sense what they are sent.

    Attributes:
        hearing: Hears speech; None hears the digits of `tones` alone.
        reading: Reads writing; None reads the numbers of `markers` alone.
    """

    hearing: Listener | None = None
    reading: Reader | None = None


NONE = Abilities()
