"""Two pictures compared: scores, differences and a better prompt, all computed from their pixels."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping

import numpy as np
from PIL import Image

from playground.models.abilities import Abilities
from playground.models.boxes import box_facts
from playground.models.calls import ModelCall
from playground.models.scenes import ASPECTS, Difference, describe, differences, repaired, scores
from playground.models.schema_filling import Facts
from playground.models.sight import Sight

REPAIRS = 3
"""So many differences are repaired by one rewritten prompt: a loop takes several rounds."""
ALIKE = 90
"""From this mean score on, two pictures count as the same."""
_FIRST = frozenset({"original", "reference", "source", "posted", "target"})
_SECOND = frozenset({"candidate", "drawn", "drawing", "generated", "attempt", "new", "result"})


def comparison(call: ModelCall) -> Facts:
    """Return what a comparison's fields are filled with; the call has exactly two pictures.

    Captions say which is the original; without them it is the first.
    """
    original, candidate = told_apart(*call.sights)
    able = call.abilities
    points = _scores(original, candidate)
    if able.lying_judge:
        points = {aspect: 100 - value for aspect, value in points.items()}
    points = {aspect: _noisy(value, aspect, original, candidate, able) for aspect, value in points.items()}
    overall = sum(points.values()) / len(points)
    found: list[Difference] = []
    prompt = f"A picture like the original, which is {original}, on a {original.colours[0]} background"
    alike = "The pictures show the same."
    if original.scene is not None and candidate.scene is not None:
        found = [] if able.lying_judge else differences(original.scene, candidate.scene)
        better = repaired(original.scene, candidate.scene, REPAIRS if found else 0)
        prompt = describe(better)
    elif overall < ALIKE:
        alike = (
            f"The original is {original}; this is {candidate}. I compare shapes in drawings of shapes alone."
        )
    text = " ".join(each.what for each in found) or alike
    numbers = {**points, "overall": overall}
    return Facts(
        text,
        {"title": "Comparison", "text": text, "rewritten_prompt": prompt, "summary": text},
        numbers,
        {"differences": [each.what for each in found]},
        entries={"differences": [_entry(each) for each in found]},
        full=dict.fromkeys(numbers, 100.0),
        flags=dict.fromkeys(("same", "matches", "good_enough", "done", "converged"), overall >= ALIKE),
    )


def told_apart(first: Sight, second: Sight) -> tuple[Sight, Sight]:
    """Return the original and the candidate."""
    swapped = _says(first, _SECOND) and not _says(first, _FIRST)
    swapped = swapped or (_says(second, _FIRST) and not _says(second, _SECOND))
    return (second, first) if swapped else (first, second)


def _says(sight: Sight, words: frozenset[str]) -> bool:
    return bool(words & set(sight.caption.lower().replace(":", " ").split()))


def _scores(original: Sight, candidate: Sight) -> Mapping[str, float]:
    if original.scene is not None and candidate.scene is not None:
        return scores(original.scene, candidate.scene)
    a, b = _thumbnail(original), _thumbnail(candidate)
    likeness = max(100 - float(np.abs(a - b).mean()) / 1.28, 0.0)
    return dict.fromkeys(ASPECTS, likeness)


def _thumbnail(sight: Sight) -> np.ndarray:
    with Image.open(io.BytesIO(sight.data)) as image:
        small = image.convert("RGB").resize((32, 32), Image.Resampling.BOX)
    return np.asarray(small).astype(np.float32)


def _noisy(value: float, aspect: str, original: Sight, candidate: Sight, able: Abilities) -> float:
    seed = f"{able.seed}:{aspect}:{original.digest}:{candidate.digest}"
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    return min(max(value + chance.uniform(-able.judge_noise, able.judge_noise), 0.0), 100.0)


def _entry(difference: Difference) -> Facts:
    weight = difference.weight
    severity = "high" if weight > 0.8 else "medium" if weight > 0.5 else "low"
    texts = {"aspect": difference.aspect, "severity": severity, "title": difference.what}
    facts = box_facts(difference.what, difference.box, texts)
    facts.numbers = {**facts.numbers, "weight": weight, "severity": weight}
    return facts
