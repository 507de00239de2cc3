"""Scenes out of plain English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from playground.models.colours import COLOURS
from playground.models.scenes.scene import MAX_THINGS, PLACES, SHAPES, Scene, Size, Thing

_ALIASES = {
    "ball": "circle",
    "sun": "circle",
    "moon": "circle",
    "disc": "circle",
    "dot": "circle",
    "box": "square",
    "house": "square",
    "cube": "square",
    "tree": "triangle",
    "mountain": "triangle",
    **{each: each for each in SHAPES},
}
_SIZES: dict[str, Size] = {
    **dict.fromkeys(("small", "tiny", "little"), "small"),
    **dict.fromkeys(("large", "big", "huge"), "large"),
    "medium": "medium",
}
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_QUOTED = re.compile(r'"([^"\n]{1,60})"|“([^”\n]{1,60})”')
_BACKGROUND = re.compile(r"(\w+) (?:background|sky|ground)|\bon (?:an? )?(\w+)")
_PERCENT = re.compile(r"(\d{1,3}) ?%[,\s]+(?:and )?(\d{1,3}) ?%")
_SPLIT = re.compile(r"[.;,\n]+(?!\d)|\band\b|\bwith\b")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Named:
    """A thing as it was named; None where the words do not say."""

    shape: str
    colour: str | None
    size: Size | None
    place: tuple[float, float] | None


def parse(prompt: str) -> Scene:
    """Read a prompt; what it does not say is filled with what is most usual."""
    found = _QUOTED.search(prompt)
    words = (found[1] or found[2]).strip() if found else ""
    plain = _QUOTED.sub(" ", prompt).lower().replace("gray", "grey").replace("center", "centre")
    background = background_in(plain)
    # A comma between two percentages belongs to them.
    pieces = _SPLIT.split(_PERCENT.sub(r"\1% \2%", plain))
    named = [each for piece in pieces for each in _named(piece)][:MAX_THINGS]
    return Scene(
        background or "white",
        _placed(named, "white" if background == "black" else "black"),
        "night" if re.search(r"\bnight\b|\bdark\b", plain) else "day",
        words,
    )


def background_in(prompt: str) -> str | None:
    """Return the colour of the background that a prompt in lower case names."""
    named = [found[1] or found[2] for found in _BACKGROUND.finditer(prompt)]
    return next((each for each in named if each in COLOURS), None)


def _named(piece: str) -> list[_Named]:
    """Return the things in a part of a sentence: what is said about them stands in the same part."""
    without = _BACKGROUND.sub(lambda found: " " if (found[1] or found[2]) in COLOURS else found[0], piece)
    things: list[_Named] = []
    colour: str | None = None
    size: Size | None = None
    count = 1
    for word in _WORD.findall(without):
        shape = _ALIASES.get(word) or _ALIASES.get(word.removesuffix("s"))
        if shape:
            things += [_Named(shape, colour, size, None)] * count
            colour, size, count = None, None, 1
        elif word in COLOURS:
            colour = word
        elif word in _SIZES:
            size = _SIZES[word]
        elif word in _NUMBERS:
            count = _NUMBERS[word]
    place = place_in(without)
    # A place is that of a single thing: two in one place would hide each other.
    if len(things) == 1 and place is not None:
        things = [_Named(things[0].shape, things[0].colour, things[0].size, place)]
    return things


def place_in(piece: str) -> tuple[float, float] | None:
    """Return the place that a text in lower case names."""
    if found := _PERCENT.search(piece):
        return int(found[1]) / 100, int(found[2]) / 100
    # The longest words first: the top left is not the top.
    for words, place in PLACES.items():
        core = words.split(" the ")[1]
        if re.search(rf"\b{core.replace(' ', '[- ]')}\b", piece):
            return place
    return PLACES["in the centre"] if re.search(r"\bcentred?\b|\bmiddle\b", piece) else None


def _placed(named: Sequence[_Named], ink: str) -> tuple[Thing, ...]:
    """Return things with everything filled in: those without a place stand in a row."""
    loose = sum(each.place is None for each in named)
    things: list[Thing] = []
    at = 0
    for each in named:
        place = each.place
        if place is None:
            place = ((at + 0.5) / loose, PLACES["in the centre"][1])
            at += 1
        things.append(Thing(each.shape, each.colour or ink, each.size or "medium", *place))
    return tuple(things)
