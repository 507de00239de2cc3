"""How soon refinements get to the original, against a loop that never compares.

    ./dev bench refine [--scenes 24] [--rounds 8]

Both loops start from the same poor descriptions of seeded scenes and may draw equally often. The naive one
describes what it drew and draws that again; the other compares with the original, as `/refine` does: the same
adapters, picture work and decisions, without Discord. The scripted model server draws from the prompt's words
and draws one thing wrong now and then; its judge looks at the pixels and is off by up to 10 points an aspect.
So this checks the plumbing (does what the judge says reach the next prompt, is the best kept, does it stop),
not a model's taste.

Whether a round is there is told by the scenes themselves, without noise: 92 points of 100 or more.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from PIL import Image
from pydantic import SecretStr

from playground.models import ScriptedModels, scenes
from playground.models.scenes import Scene
from services.ai.build import Models, build_models
from services.ai.protocols import Picture, Task
from services.configuration import load_settings
from services.domain import Attachment, MessageSource, Refinement, RefineRound, RefineWish, StoredFile
from services.media.picture_studio import STUDIO_MODULES, PictureStudio
from services.media.sandbox import Sandbox
from services.readings import as_text
from services.refining import (
    averaged,
    best_round,
    disagrees,
    first_prompt,
    is_close_call,
    next_prompt,
    stop_reason,
)
from services.settings import Settings
from tests.pictures import encoded

SIDE = 640
DRAWN_SIDE = 1024
PERSON = "benchmark"
NOBODY = Attachment(MessageSource(1, 1, 1), "scene.png", 0)


@dataclass(frozen=True, slots=True)
class Result:
    """How one loop went on one scene."""

    rounds: int
    """Drawn in all."""
    reached: int | None
    """Number of the first round that is truly there."""
    final: float
    """True points of what the loop ends with."""
    usd: float
    usd_to_target: float | None


class Loops:
    """Both loops over the same models."""

    def __init__(self, settings: Settings, models: Models, studio: PictureStudio, rounds: int) -> None:
        self._settings = settings.refine.model_copy(update={"max_rounds": rounds})
        self._models = models
        self._studio = studio
        self._rounds = rounds

    async def comparing(self, scene: Scene) -> Result:
        """Refine as `/refine` does."""
        original = picture_of(scene)
        told = await self._models.vision.describe([original], question="", language="en", person=PERSON)
        wish = RefineWish(rounds=self._rounds)
        state = Refinement("benchmark", NOBODY, wish, reading=told.value, usd=told.spend.usd)
        points: list[float] = []
        costs: list[float] = []
        while stop_reason(state.rounds, asked=self._rounds, made=len(points), settings=self._settings) is None:
            made, truth = await self._round(scene, original, state)
            state = replace(state, rounds=(*state.rounds, made), usd=(state.usd or 0) + (made.usd or 0))
            points.append(truth)
            costs.append(state.usd or 0)
        best = best_round(state.rounds)
        assert best is not None, "there is one round at least"
        return result(points, costs, points[best.number - 1], self._settings.target)

    async def naive(self, scene: Scene) -> Result:
        """Describe, draw, describe what was drawn, draw again."""
        shown = picture_of(scene)
        points: list[float] = []
        costs: list[float] = []
        usd = 0.0
        for _ in range(self._rounds):
            told = await self._models.vision.describe([shown], question="", language="en", person=PERSON)
            data, cost = await self._draw(first_prompt(told.value, RefineWish()))
            usd += (told.spend.usd or 0) + cost
            shown = Picture(data, "image/png", DRAWN_SIDE, DRAWN_SIDE)
            points.append(true_points(scene, data))
            costs.append(usd)
        return result(points, costs, points[-1], self._settings.target)

    async def _round(self, scene: Scene, original: Picture, state: Refinement) -> tuple[RefineRound, float]:
        prompt = next_prompt(state)
        data, usd = await self._draw(prompt)
        candidate = Picture(data, "image/png", DRAWN_SIDE, DRAWN_SIDE)
        reading = as_text(state.reading) if state.reading else ""
        task = Task(goal="", keep="", corrections=(), reading=reading, prompt=prompt)
        judge = self._models.judge
        assert judge is not None, "the settings name a judge"
        reply = await judge.compare(original, candidate, task, swapped=False, language="en", person=PERSON)
        comparison, usd = reply.value, usd + (reply.spend.usd or 0)
        if is_close_call(comparison, state.rounds, self._settings.close_gain):
            again = await judge.compare(original, candidate, task, swapped=True, language="en", person=PERSON)
            comparison, usd = averaged(comparison, again.value), usd + (again.spend.usd or 0)
        [similarity] = await self._studio.measure(original.data, [data])
        doubtful = disagrees(
            comparison, similarity.overall, state.rounds, matching=True, drop=self._settings.flag_drop
        )
        file = StoredFile("round.png", "", "")
        number = len(state.rounds) + 1
        made = RefineRound(number, prompt, file, comparison, similarity.overall, usd, doubtful)
        return made, true_points(scene, data)

    async def _draw(self, prompt: str) -> tuple[bytes, float]:
        image = self._models.image
        assert image is not None, "the settings name an image model"
        reply = await image.draw(prompt, width=DRAWN_SIDE, height=DRAWN_SIDE, person=PERSON)
        cleaned = await self._studio.clean(reply.value)
        return cleaned.data, reply.spend.usd or 0


def picture_of(scene: Scene) -> Picture:
    """Return a scene as a model sees it."""
    return Picture(encoded(scenes.render(scene, (SIDE, SIDE)), "PNG"), "image/png", SIDE, SIDE)


def true_points(scene: Scene, data: bytes) -> float:
    """Return how alike a picture is to a scene, 0 to 100, without a judge."""
    with Image.open(io.BytesIO(data)) as image:
        found = scenes.recognise(image)
    if found is None:
        return 0.0
    points = scenes.scores(scene, found)
    return sum(points.values()) / len(points)


def result(points: Sequence[float], costs: Sequence[float], final: float, target: float) -> Result:
    """Sum one loop up."""
    reached = next((number for number, each in enumerate(points, 1) if each >= target), None)
    return Result(len(points), reached, final, costs[-1], costs[reached - 1] if reached is not None else None)


def report(name: str, results: Sequence[Result], target: float) -> None:
    """Print one row."""
    kept = sum(each.final >= target for each in results)
    reached = [each for each in results if each.reached is not None]
    to_target = statistics.median([each.reached or 0 for each in reached]) if reached else float("nan")
    usd_to = statistics.mean([each.usd_to_target or 0 for each in reached]) if reached else float("nan")
    sys.stdout.write(
        f"| {name} | {kept} of {len(results)} | {statistics.mean(each.final for each in results):.1f} "
        f"| {to_target:.0f} | {statistics.mean(each.rounds for each in results):.1f} "
        f"| {usd_to:.4f} | {statistics.mean(each.usd for each in results):.4f} |\n"
    )


async def main() -> None:
    """Run both loops on every scene and print the table."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--scenes", type=int, default=24)
    arguments.add_argument("--rounds", type=int, default=8)
    given = arguments.parse_args()
    server = ScriptedModels(poor_first_description=True, judge_noise=10, drawer="one_wrong", seed=4)
    async with server:
        settings = load_settings(server.environment())
        assert settings.models.image.api_key != SecretStr(""), "the server has a key"
        models = build_models(settings)
        sandbox = Sandbox(
            children=settings.limits.decode_children,
            memory_bytes=settings.limits.decode_memory_bytes,
            wall_seconds=settings.limits.decode_seconds,
            preload=STUDIO_MODULES,
        )
        await sandbox.start()
        try:
            loops = Loops(
                settings, models, PictureStudio(sandbox=sandbox, limits=settings.limits), given.rounds
            )
            drawn = [scenes.random_scene(seed) for seed in range(given.scenes)]
            rows: dict[str, Callable[[Scene], Awaitable[Result]]] = {
                "/refine": loops.comparing,
                "naive": loops.naive,
            }
            sys.stdout.write(
                "| loop | ends at the target | points at the end | rounds to it (median) | rounds drawn "
                "| USD to it | USD in all |\n|---|---|---|---|---|---|---|\n"
            )
            for name, loop in rows.items():
                report(name, [await loop(scene) for scene in drawn], settings.refine.target)
        finally:
            await sandbox.aclose()
            await models.aclose()


if __name__ == "__main__":
    asyncio.run(main())
