"""Which size to ask an image model for, and where in it the original's picture lies.

Image models paint in few sizes. The original is laid into the nearest of them and what comes back is
cut to the same box, so that every candidate has the original's shape and lines up with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

SIZE_WEIGHT = 0.04
"""What one doubling of the pixel count counts beside the share of the picture that is padding."""
SAME_SHAPE = 0.01
"""Relative difference of two aspects below which they are one shape, rounded differently."""


class Size(NamedTuple):
    """Width and height in px."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def aspect(self) -> float:
        return self.width / self.height


class Box(NamedTuple):
    """A rectangle in px; right and bottom are outside of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> Size:
        return Size(self.right - self.left, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class SizeRule:
    """The sizes that an image model takes: a list, or every size within bounds."""

    fixed: tuple[Size, ...] = ()
    """If given, these alone; the other fields say nothing then."""
    multiple: int = 16
    """Both sides are multiples of it."""
    max_aspect: float = 3.0
    """Long side by short side."""
    max_side: int = 3840
    min_pixels: int = 655_360
    max_pixels: int = 3840 * 2160
    target_pixels: int = 1024 * 1536
    """What is asked for when the shape leaves the choice: more costs more."""

    def allows(self, size: Size) -> bool:
        """Tell whether a model with this rule takes the size."""
        if self.fixed:
            return size in self.fixed
        return (
            min(size) > 0
            and not size.width % self.multiple
            and not size.height % self.multiple
            and max(size) <= min(self.max_side, self.max_aspect * min(size))
            and self.min_pixels <= size.pixels <= self.max_pixels
        )


CLASSIC_SIZES = SizeRule(fixed=(Size(1024, 1024), Size(1536, 1024), Size(1024, 1536)))
FREE_SIZES = SizeRule()


@dataclass(frozen=True, slots=True)
class Fit:
    """How an original lies in the size that is asked for."""

    request: Size
    box: Box
    """Where the original's picture lies in it; the rest is padding."""

    def box_in(self, generated: Size) -> Box:
        """Return what to cut from a generated picture to get the original's shape.

        Args:
            generated: Its size, which models do not always keep to.
        """
        if generated == self.request:
            return self.box
        if abs(generated.aspect / self.request.aspect - 1) <= SAME_SHAPE:
            width, height = generated.width / self.request.width, generated.height / self.request.height
            left, top = int(self.box.left * width), int(self.box.top * height)
            right, bottom = math.ceil(self.box.right * width), math.ceil(self.box.bottom * height)
            scaled = Box(left, top, min(right, generated.width), min(bottom, generated.height))
            return _centred(_inside(self.box.size, scaled.size), scaled)
        return _centred(_inside(self.box.size, generated), Box(0, 0, *generated))


def fit(original: Size, rule: SizeRule) -> Fit:
    """Return the allowed size that wastes least on padding, and how the original lies in it.

    Raises:
        ValueError: The original has no area, or the rule allows nothing.
    """
    if min(original) < 1:
        raise ValueError(f"a picture of {original.width} x {original.height} px has no area")
    sizes = [size for size in (rule.fixed or _candidates(original.aspect, rule)) if rule.allows(size)]
    if not sizes:
        raise ValueError("the rule allows no size")
    request = min(sizes, key=lambda size: _cost(size, original.aspect, rule))
    return Fit(request, _centred(_inside(original, request), Box(0, 0, *request)))


def _candidates(aspect: float, rule: SizeRule) -> Iterable[Size]:
    """Yield for each width the heights around the shape, no longer or narrower than the rule's bounds."""
    shape = min(max(aspect, 1 / rule.max_aspect), rule.max_aspect)
    for width in range(rule.multiple, rule.max_side + 1, rule.multiple):
        steps = width / shape / rule.multiple
        for height in {math.floor(steps), math.ceil(steps)}:
            yield Size(width, height * rule.multiple)


def _cost(size: Size, aspect: float, rule: SizeRule) -> float:
    padding = 1 - min(size.aspect / aspect, aspect / size.aspect)
    target = size.pixels if rule.fixed else rule.target_pixels
    return padding + SIZE_WEIGHT * abs(math.log2(size.pixels / target))


def _inside(shape: Size, outer: Size) -> Size:
    """Return the largest size of a shape that lies inside of another."""
    scale = min(outer.width / shape.width, outer.height / shape.height)
    return Size(
        min(max(round(shape.width * scale), 1), outer.width),
        min(max(round(shape.height * scale), 1), outer.height),
    )


def _centred(inner: Size, outer: Box) -> Box:
    left = outer.left + (outer.size.width - inner.width) // 2
    top = outer.top + (outer.size.height - inner.height) // 2
    return Box(left, top, left + inner.width, top + inner.height)
