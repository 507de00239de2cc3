"""What models fill in for refinements."""

from __future__ import annotations

import math

from services.ai.schemas import ALT_TEXT_LIMIT, StrictFields, shortened
from services.domain import Comparison, Difference, Outline

PROMPT_LIMIT = 6_000
SUMMARY_LIMIT = 400
LINE_LIMIT = 200
MOST_LINES = 8
MOST_SHAPES = 20


class ScoreFields(StrictFields):
    """From 0 to 100, by aspect."""

    subject: float
    layout: float
    colour: float
    light: float
    text: float
    style: float


class DifferenceFields(StrictFields):
    """One difference; its sides are shares of the picture."""

    what: str
    aspect: str
    left: float
    top: float
    right: float
    bottom: float


class ComparisonFields(StrictFields):
    """The structured answer to `compare_pictures`."""

    scores: ScoreFields
    differences: list[DifferenceFields]
    missing: list[str]
    summary: str
    alt_text: str
    rewritten_prompt: str

    def to_domain(self) -> Comparison:
        """Return the verdict, with every number within its bounds."""
        return Comparison(
            scores={name: _bounded(value, 100.0) for name, value in self.scores.model_dump().items()},
            summary=shortened(self.summary, SUMMARY_LIMIT),
            missing=tuple(shortened(each, LINE_LIMIT) for each in self.missing[:MOST_LINES] if each.strip()),
            differences=tuple(
                Difference(
                    shortened(each.what, LINE_LIMIT),
                    shortened(each.aspect, 20),
                    (
                        _bounded(each.left, 1.0),
                        _bounded(each.top, 1.0),
                        _bounded(each.right, 1.0),
                        _bounded(each.bottom, 1.0),
                    ),
                )
                for each in self.differences[:MOST_LINES]
            ),
            prompt=self.rewritten_prompt.strip()[:PROMPT_LIMIT],
            alt_text=shortened(self.alt_text, ALT_TEXT_LIMIT),
        )


class ShapeFields(StrictFields):
    """One thing: its box, and its outline where a box would be too rough."""

    left: float
    top: float
    right: float
    bottom: float
    polygon: list[list[float]]


class ShapesFields(StrictFields):
    """The structured answer to `point_at`."""

    shapes: list[ShapeFields]

    def to_domain(self) -> tuple[Outline, ...]:
        """Return outlines; what makes no sense is left out."""
        found: list[Outline] = []
        for each in self.shapes[:MOST_SHAPES]:
            outline = tuple((_bounded(x, 1.0), _bounded(y, 1.0)) for x, y in _pairs(each.polygon))
            left, right = _bounded(each.left, 1.0), _bounded(each.right, 1.0)
            top, bottom = _bounded(each.top, 1.0), _bounded(each.bottom, 1.0)
            if len(outline) >= 3:
                found.append(outline)
            elif left < right and top < bottom:
                found.append(((left, top), (right, top), (right, bottom), (left, bottom)))
        return tuple(found)


class PromptFields(StrictFields):
    """The structured answer to `soften_prompt`."""

    rewritten_prompt: str


def _pairs(points: list[list[float]]) -> list[tuple[float, float]]:
    return [(each[0], each[1]) for each in points if len(each) == 2]


def _bounded(value: float, most: float) -> float:
    return min(max(value, 0.0), most) if math.isfinite(value) else 0.0
