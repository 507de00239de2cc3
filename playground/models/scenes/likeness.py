"""How alike two scenes are, aspect by aspect, and what would make the one more like the other."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from playground.models.scenes.scene import Scene, Thing

ASPECTS = ("subject", "layout", "colour", "light", "text", "style")
Aspect = Literal["subject", "layout", "colour", "light", "text", "style"]
Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
FAR = 0.5
"""Things that are further apart than this share of the picture get nothing for their place."""
NEAR = 0.08
Pair = tuple[Thing, Thing]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between an original and a candidate.

    Attributes:
        what: In words.
        aspect: Which score it costs.
        box: Where: left, top, right, bottom as shares of the picture.
        repaired: The candidate without it.
        weight: How much it matters, 0 to 1.
    """

    what: str
    aspect: Aspect
    box: Box
    repaired: Scene
    weight: float


def paired(original: Scene, candidate: Scene) -> tuple[list[Pair], list[Thing], list[Thing]]:
    """Return the things that stand for each other, those that are missing, and those too many."""
    every = sorted(
        (
            (_strangeness(a, b), i, j)
            for i, a in enumerate(original.things)
            for j, b in enumerate(candidate.things)
        )
    )
    left, right = set(range(len(original.things))), set(range(len(candidate.things)))
    pairs: list[Pair] = []
    for strange, i, j in every:
        if i in left and j in right and strange < 2.0:
            left.remove(i)
            right.remove(j)
            pairs.append((original.things[i], candidate.things[j]))
    return pairs, [original.things[i] for i in sorted(left)], [candidate.things[j] for j in sorted(right)]


def scores(original: Scene, candidate: Scene) -> dict[str, float]:
    """Return how alike two scenes are in each aspect, 0 to 100."""
    pairs, missing, extra = paired(original, candidate)
    count = len(pairs) + len(missing) + len(extra)

    def share(values: Sequence[float]) -> float:
        return 100 * sum(values) / count if count else 100.0

    coloured = [float(a.colour == b.colour) for a, b in pairs]
    ground = float(original.background == candidate.background)
    words = difflib.SequenceMatcher(None, original.words, candidate.words).ratio()
    return {
        "subject": share([float(a.shape == b.shape) for a, b in pairs]),
        "layout": share(
            [max(1 - _distance(a, b) / FAR, 0) * 0.75 + (a.size == b.size) * 0.25 for a, b in pairs]
        ),
        "colour": 0.6 * share(coloured) + 40 * ground,
        "light": 100.0 if original.light == candidate.light else 20.0,
        "text": 100.0 * words,
        "style": share([float(a.size == b.size) for a, b in pairs]),
    }


def differences(original: Scene, candidate: Scene) -> list[Difference]:
    """Return what is different, the most important first."""
    pairs, missing, extra = paired(original, candidate)
    found = [
        Difference(
            f"The {each.name} {each.place} is missing.",
            "subject",
            _box(each),
            replace(candidate, things=(*candidate.things, each)),
            0.9,
        )
        for each in missing
    ]
    found += [
        Difference(
            f"There is a {each.name} {each.place} too many.",
            "subject",
            _box(each),
            replace(candidate, things=tuple(thing for thing in candidate.things if thing is not each)),
            0.7,
        )
        for each in extra
    ]
    for wanted, drawn in pairs:
        found += _thing_differences(wanted, drawn, candidate)
    if original.background != candidate.background:
        repaired = replace(candidate, background=original.background)
        what = f"The background is {candidate.background} instead of {original.background}."
        found.append(Difference(what, "colour", WHOLE, repaired, 0.95))
    if original.light != candidate.light:
        repaired = replace(candidate, light=original.light)
        found.append(Difference(f"It is {original.light} in the original.", "light", WHOLE, repaired, 0.8))
    if original.words != candidate.words:
        repaired = replace(candidate, words=original.words)
        what = f'The sign says "{candidate.words}" instead of "{original.words}".'
        found.append(Difference(what, "text", (0.0, 0.85, 1.0, 1.0), repaired, 0.75))
    return sorted(found, key=lambda each: -each.weight)


def repaired(original: Scene, candidate: Scene, most: int) -> Scene:
    """Return the candidate without its most important differences."""
    for _ in range(most):
        found = differences(original, candidate)
        if not found:
            break
        candidate = found[0].repaired
    return candidate


def _thing_differences(wanted: Thing, drawn: Thing, candidate: Scene) -> list[Difference]:
    def changed(thing: Thing) -> Scene:
        return replace(candidate, things=tuple(thing if each is drawn else each for each in candidate.things))

    found: list[Difference] = []
    if wanted.shape != drawn.shape:
        what = f"The {drawn.name} {drawn.place} should be a {wanted.shape}."
        found.append(
            Difference(what, "subject", _box(wanted), changed(replace(drawn, shape=wanted.shape)), 0.85)
        )
    if wanted.colour != drawn.colour:
        what = f"The {drawn.name} {drawn.place} should be {wanted.colour}."
        found.append(
            Difference(what, "colour", _box(wanted), changed(replace(drawn, colour=wanted.colour)), 0.6)
        )
    if _distance(wanted, drawn) > NEAR:
        what = f"The {drawn.name} {drawn.place} belongs {wanted.place}."
        moved = replace(drawn, x=wanted.x, y=wanted.y)
        weight = 0.4 + min(_distance(wanted, drawn), FAR) * 0.4
        found.append(Difference(what, "layout", _box(wanted), changed(moved), weight))
    if wanted.size != drawn.size:
        what = f"The {drawn.name} {drawn.place} should be {wanted.size}."
        found.append(Difference(what, "style", _box(wanted), changed(replace(drawn, size=wanted.size)), 0.3))
    return found


def _box(thing: Thing) -> Box:
    return thing.box(1, 1)


def _distance(a: Thing, b: Thing) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)


def _strangeness(a: Thing, b: Thing) -> float:
    return (a.shape != b.shape) + (a.colour != b.colour) + min(_distance(a, b) / FAR, 1)
