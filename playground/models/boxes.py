"""Where the named things of a scene are: boxes and outlines as shares of the picture."""

from __future__ import annotations

import re
from collections.abc import Mapping

from playground.models.colours import COLOURS
from playground.models.scenes import Scene, Thing
from playground.models.scenes.parsing import place_in
from playground.models.scenes.scene import SHAPES
from playground.models.schema_filling import Facts
from playground.models.sight import Sight

_KINDS = {"circle": "ellipse", "triangle": "polygon", "star": "polygon"}
_NEAR = 0.2


def named_things(scene: Scene, request: str) -> list[Thing]:
    """Return the things that a request names, by shape, colour and place; none where it names none."""
    asked = request.lower().replace("gray", "grey").replace("center", "centre")
    words = {each.removesuffix("s") for each in re.findall(r"\w+", asked)} | set(re.findall(r"\w+", asked))
    shapes, colours = words & set(SHAPES), words & COLOURS.keys()
    place = place_in(asked)
    if not (shapes or colours or place):
        return []
    return [
        each
        for each in scene.things
        if (not shapes or each.shape in shapes)
        and (not colours or each.colour in colours)
        and (place is None or max(abs(each.x - place[0]), abs(each.y - place[1])) < _NEAR)
    ]


def outlined(sight: Sight, request: str) -> list[Facts]:
    """Return the facts of each thing in a picture that a request names."""
    if sight.scene is None:
        return []
    return [
        box_facts(
            each.name,
            each.box(sight.width, sight.height),
            {key: _KINDS.get(each.shape, "rectangle") for key in ("kind", "type", "shape")},
        )
        for each in named_things(sight.scene, request)
    ]


def box_facts(name: str, box: tuple[float, float, float, float], texts: Mapping[str, str]) -> Facts:
    """Return the facts of a named box, under the names that schemas give to its sides and corners."""
    left, top, right, bottom = box
    numbers = {
        **dict.fromkeys(("x", "left", "x0", "x_min"), left),
        **dict.fromkeys(("y", "top", "y0", "y_min"), top),
        **dict.fromkeys(("right", "x1", "x_max"), right),
        **dict.fromkeys(("bottom", "y1", "y_max"), bottom),
        "width": right - left,
        "height": bottom - top,
    }
    corners = [_corner(x, y) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
    return Facts(
        name,
        {"name": name, "what": name, **texts},
        numbers,
        {},
        entries={"polygon": corners, "points": corners, "outline": corners},
        full=dict.fromkeys(numbers, 1.0),
        number_lists={key: [*box] for key in ("box", "bbox", "bounding_box", "text")},
    )


def _corner(x: float, y: float) -> Facts:
    return Facts("", {}, {"x": x, "y": y}, {}, full={"x": 1.0, "y": 1.0}, number_lists={"text": [x, y]})
