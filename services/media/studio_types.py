"""What the picture studio takes and returns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Mime = Literal["image/png", "image/jpeg", "image/webp"]
MaskNote = Literal["scaled", "reshaped", "no-alpha", "not-black-and-white"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class StudioPicture:
    """A picture that the studio made: nothing but pixels."""

    data: bytes
    mime: Mime
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike a candidate is to its original; each from 0 to 100."""

    overall: float
    structure: float
    colour: float
    edges: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One round in the strip."""

    data: bytes
    title: str
    judged: str = ""
    """The judge's score as text, for example `Judge 72`; empty for none."""
    measured: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    picture: StudioPicture
    shown: tuple[int, ...]
    """Indices of the rounds in it: very many are thinned out."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What the chart shows: 0 to 100 or None, one a round, and its words."""

    judged: Sequence[float | None]
    measured: Sequence[float | None]
    best: int | None
    """Index of the best round."""
    judged_label: str
    measured_label: str
    best_label: str
    round_label: str
    similarity_label: str

    def __post_init__(self) -> None:
        if len(self.judged) != len(self.measured):
            raise ValueError("judged and measured have one value a round")


@dataclass(frozen=True, slots=True)
class Shape:
    """A closed shape on a picture; coordinates from 0 (left, top) to 1 (right, bottom) of it."""

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.points) < 3:
            raise ValueError("a shape has three points or more")
        clipped = tuple((_clipped(x), _clipped(y)) for x, y in self.points)
        object.__setattr__(self, "points", clipped)

    @classmethod
    def box(cls, left: float, top: float, right: float, bottom: float) -> Shape:
        """Return an upright rectangle; its sides may be given in any order."""
        return cls(((left, top), (right, top), (right, bottom), (left, bottom)))


@dataclass(frozen=True, slots=True)
class Mask:
    """What an edit may change, as image models take it: transparent there."""

    picture: StudioPicture
    share: float
    """Of the original that changes, 0 to 1."""
    notes: tuple[MaskNote, ...] = ()
    """What had to be guessed: another size, another shape, no transparency, many greys."""


@dataclass(frozen=True, slots=True)
class FrameSheet:
    """Numbered moments of an animation."""

    picture: StudioPicture
    times: tuple[float, ...]
    """Seconds, in the order of the numbers (1 is the first)."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Frame:
    picture: StudioPicture
    time: float
    """When it begins, in seconds."""


def _clipped(value: float) -> float:
    if math.isnan(value):
        raise ValueError("a coordinate is a number")
    return min(max(value, 0.0), 1.0)
