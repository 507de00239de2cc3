"""A small world of shapes: scenes in words, in pixels, and back from both."""

from playground.models.scenes.likeness import ASPECTS, Difference, differences, repaired, scores
from playground.models.scenes.painting import paint, render
from playground.models.scenes.parsing import parse
from playground.models.scenes.recognising import recognise
from playground.models.scenes.scene import Scene, Thing, describe, random_scene

__all__ = [
    "ASPECTS",
    "Difference",
    "Scene",
    "Thing",
    "describe",
    "differences",
    "paint",
    "parse",
    "random_scene",
    "recognise",
    "render",
    "repaired",
    "scores",
]
