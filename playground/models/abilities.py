"""How able scripted models are: what they hear and read, how well they draw, describe and judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from playground.models.drawing import Drawer

Listener = Callable[[bytes], str]
"""Returns what is said in a recording (the bytes of its file); empty for nothing. Called in worker threads."""
Reader = Callable[[Image.Image], list[str]]
"""Returns the lines that are written in a picture, top down. Called in worker threads."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """How able a server's models are.

    Attributes:
        hearing: Hears speech; None hears the digits of `tones` alone.
        reading: Reads writing; None reads the numbers of `markers` alone.
        drawer: How well its image model draws.
        poor_describer: Whether it leaves out most of a scene that it describes.
        judge_noise: By how much, of 100, each score of a comparison may be off.
        lying_judge: Whether comparisons praise the worse pictures.
        seed: Of everything that looks like chance.
    """

    hearing: Listener | None = None
    reading: Reader | None = None
    drawer: Drawer = "faithful"
    poor_describer: bool = False
    judge_noise: float = 0.0
    lying_judge: bool = False
    seed: int = 0


NONE = Abilities()
