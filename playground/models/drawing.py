"""Pictures drawn from a prompt's words, by a drawer who is as good as a test wants it."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from typing import Literal

from PIL import Image

from playground.models.scenes import Scene, paint, parse, render
from playground.models.scenes.painting import lit
from playground.models.scenes.parsing import background_in
from playground.models.scenes.scene import SHAPES

Drawer = Literal["faithful", "ignores_places", "one_wrong"]
"""Draws what the prompt says; puts everything in a row; draws one thing as another, now and then."""
WRONG = 0.5
"""How often the third one errs."""


def draw(prompt: str, size: tuple[int, int], drawer: Drawer = "faithful", seed: int = 0) -> Image.Image:
    """Return a new picture; the same prompt, size, drawer and seed give the same one."""
    return render(_intended(prompt, drawer, seed), size)


def draw_over(
    base: Image.Image,
    prompt: str,
    mask: Image.Image | None,
    drawer: Drawer = "faithful",
    seed: int = 0,
) -> Image.Image:
    """Return a copy of a picture with the prompt drawn over it, where a mask is transparent."""
    changed = base.convert("RGB")
    if mask is None:
        _cover(changed, prompt, _intended(prompt, drawer, seed))
        return changed
    free = mask.convert("RGBA").getchannel("A").point(lambda alpha: 255 if alpha == 0 else 0)
    if (hole := free.getbbox()) is not None:
        # The hole is the canvas: what has no place of its own would else lie outside.
        over = changed.crop(hole)
        _cover(over, prompt, _intended(prompt, drawer, seed))
        changed.paste(over, hole, free.crop(hole))
    return changed


def _cover(image: Image.Image, prompt: str, scene: Scene) -> None:
    if background_in(prompt.lower()) is not None:
        image.paste(lit(scene.background, scene.light), (0, 0, *image.size))
    paint(image, scene)


def _intended(prompt: str, drawer: Drawer, seed: int) -> Scene:
    """Return what the drawer makes of a prompt."""
    scene = parse(prompt)
    things = scene.things
    if drawer == "ignores_places":
        row = [replace(each, x=(at + 0.5) / len(things), y=0.44) for at, each in enumerate(things)]
        return replace(scene, things=tuple(row))
    digest = hashlib.sha256(f"{seed}:{prompt}".encode()).hexdigest()
    chance = random.Random(digest)  # noqa: S311 - not for secrets
    if drawer == "one_wrong" and things and chance.random() < WRONG:
        at = chance.randrange(len(things))
        shape = chance.choice([each for each in SHAPES if each != things[at].shape])
        return replace(scene, things=(*things[:at], replace(things[at], shape=shape), *things[at + 1 :]))
    return scene
