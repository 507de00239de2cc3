"""What a scene is made of, and how it is told in plain English."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from playground.models.colours import COLOURS

Size = Literal["small", "medium", "large"]
Light = Literal["day", "night"]
SHAPES = ("circle", "square", "rectangle", "triangle", "star", "line")
RADII: Mapping[Size, float] = {"small": 0.06, "medium": 0.1, "large": 0.13}
"""Half of a thing's extent, as a share of the picture's shorter side."""
PLACES: Mapping[str, tuple[float, float]] = {
    "at the top left": (0.2, 0.16),
    "at the top right": (0.8, 0.16),
    "at the bottom left": (0.2, 0.72),
    "at the bottom right": (0.8, 0.72),
    "at the top": (0.5, 0.16),
    "at the bottom": (0.5, 0.72),
    "on the left": (0.2, 0.44),
    "on the right": (0.8, 0.44),
    "in the centre": (0.5, 0.44),
}
"""The words for a place, and where it is: shares of the picture's width and height."""
MAX_THINGS = 8
_NEAR = 0.06
_SIGNS = ("HELLO", "OPEN", "BAR 24", "STOP", "EXIT 7", "TIDE")


@dataclass(frozen=True, slots=True)
class Thing:
    """A shape somewhere in a scene; `x` and `y` are its middle, as shares of width and height."""

    shape: str
    colour: str
    size: Size
    x: float
    y: float

    @property
    def place(self) -> str:
        """Where it is, in words."""
        for words, (x, y) in PLACES.items():
            if math.hypot(x - self.x, y - self.y) < _NEAR:
                return words
        return f"at {self.x:.0%} {self.y:.0%}"

    @property
    def name(self) -> str:
        """What it is called, e.g. `red circle`."""
        return f"{self.colour} {self.shape}"

    def box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """Return its left, top, right and bottom, as shares of the picture's width and height."""
        radius = RADII[self.size] * min(width, height)
        tall = radius * {"rectangle": 0.5, "line": 0.2}.get(self.shape, 1.0)
        across, down = radius / width, tall / height
        return (
            max(self.x - across, 0.0),
            max(self.y - down, 0.0),
            min(self.x + across, 1.0),
            min(self.y + down, 1.0),
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture as things before a background, with an optional sign that has words on it."""

    background: str = "white"
    things: tuple[Thing, ...] = ()
    light: Light = "day"
    words: str = ""
    """Capitals, digits and spaces."""


def describe(scene: Scene, *, detail: float = 1.0) -> str:
    """Tell a scene in words.

    Args:
        scene: What to tell.
        detail: 1 tells all, so that `parse` finds the same scene; less leaves out sizes, places,
            colours and at last things. 0 only names the first thing's shape.
    """
    told = scene.things[: max(math.ceil(detail * len(scene.things)), 1)] if detail < 1 else scene.things
    parts: list[str] = []
    if detail >= 0.3:
        parts.append(f"A {scene.light} scene on a {scene.background} background.")
    for thing in told:
        words = ["A"]
        words += [thing.size] if detail >= 0.9 else []
        words += [thing.colour] if detail >= 0.3 else []
        words += [thing.shape]
        words += [thing.place] if detail >= 0.6 else []
        parts.append(f"{' '.join(words)}.")
    if scene.words and detail >= 0.8:
        parts.append(f'A sign says "{scene.words}".')
    return " ".join(parts) or "An empty scene."


def random_scene(seed: int) -> Scene:
    """Return a scene of three to six things in different places, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    background = chance.choice(["white", "blue", "green", "grey", "yellow"])
    inks = [each for each in COLOURS if each not in {background, "white", "grey", "black", "brown", "pink"}]
    places = chance.sample(list(PLACES.values()), chance.randint(3, 6))
    sizes: list[Size] = list(RADII)
    things = tuple(
        Thing(chance.choice(SHAPES[:5]), chance.choice(inks), chance.choice(sizes), x, y) for x, y in places
    )
    light: Light = "night" if chance.random() < 0.3 else "day"
    return Scene(background, things, light, chance.choice(_SIGNS) if chance.random() < 0.5 else "")
