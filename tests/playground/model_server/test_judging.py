"""Comparisons follow from the pixels: a loop that compares gets there, one that does not, does not."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from openai import AsyncOpenAI
from PIL import Image
from pydantic import BaseModel, Field

from playground.models import ScriptedModels, scenes
from playground.models.scenes import Scene, Thing
from tests.pictures import encoded
from tests.playground.model_server.conftest import data_url, looking

SCENE = Scene(
    "yellow",
    (Thing("circle", "red", "large", 0.2, 0.16), Thing("square", "blue", "small", 0.8, 0.72)),
    "day",
    "TIDE",
)
FAR_OFF = Scene("grey", (Thing("star", "green", "small", 0.8, 0.16),), "night", "STOP")
SIZE = (320, 320)


class Scores(BaseModel):
    subject: int = Field(ge=0, le=100)
    layout: int = Field(ge=0, le=100)
    colour: int = Field(ge=0, le=100)
    light: int = Field(ge=0, le=100)
    text: int = Field(ge=0, le=100)
    style: int = Field(ge=0, le=100)

    @property
    def mean(self) -> float:
        return sum(self.model_dump().values()) / 6


class Difference(BaseModel):
    what: str
    aspect: str
    box: list[float]


class Judgement(BaseModel):
    scores: Scores
    differences: list[Difference]
    rewritten_prompt: str


class Told(BaseModel):
    text: str


class Shape(BaseModel):
    label: str
    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    width: float = Field(ge=0, le=1)
    height: float = Field(ge=0, le=1)
    polygon: list[list[float]]


class Shapes(BaseModel):
    shapes: list[Shape]


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedModels]:
    async with ScriptedModels(
        poor_first_description=True, judge_noise=10, drawer="one_wrong", seed=4
    ) as server:
        yield server


def png(scene: Scene) -> bytes:
    return encoded(scenes.render(scene, SIZE), "PNG")


async def judged(
    client: AsyncOpenAI, first: bytes, second: bytes, names: tuple[str, str] = ("original", "candidate")
) -> Judgement:
    content: list[dict[str, str]] = []
    for name, picture in zip(names, (first, second), strict=True):
        content.append({"type": "input_text", "text": f"The {name}:"})
        content.append({"type": "input_image", "image_url": data_url(picture, "png"), "detail": "high"})
    response = await client.with_options(timeout=60).responses.parse(
        model="m",
        input=[{"role": "user", "content": content}],  # type: ignore[list-item]
        text_format=Judgement,
    )
    assert response.output_parsed is not None
    return response.output_parsed


async def drawn(client: AsyncOpenAI, prompt: str) -> bytes:
    response = await client.with_options(timeout=60).images.generate(model="m", prompt=prompt, size="320x320")
    assert response.data is not None
    return base64.b64decode(response.data[0].b64_json or "")


def is_same(picture: bytes, scene: Scene) -> bool:
    with Image.open(io.BytesIO(picture)) as image:
        found = scenes.recognise(image)
    return found is not None and not scenes.differences(scene, found)


async def test_scores_and_differences_follow_the_pixels(client: AsyncOpenAI) -> None:
    """A small change costs its own aspect and has its place; a picture that is far off scores far lower."""
    moved = replace(SCENE, things=(replace(SCENE.things[0], x=0.8), SCENE.things[1]))
    near = await judged(client, png(SCENE), png(moved))
    far = await judged(client, png(SCENE), png(FAR_OFF))
    assert near.scores.mean > far.scores.mean + 20
    [difference] = near.differences
    assert difference.aspect == "layout"
    assert difference.what == "The red circle at the top right belongs at the top left."
    left, top, right, bottom = difference.box
    assert left < 0.2 < right
    assert top < 0.16 < bottom
    assert scenes.parse(near.rewritten_prompt) == SCENE


async def test_captions_tell_which_is_the_original(client: AsyncOpenAI) -> None:
    """The order in which the two are sent does not matter."""
    prompt = (await judged(client, png(SCENE), png(FAR_OFF))).rewritten_prompt
    swapped = await judged(client, png(FAR_OFF), png(SCENE), ("candidate", "original"))
    assert swapped.rewritten_prompt == prompt
    other = await judged(client, png(FAR_OFF), png(SCENE))
    assert other.rewritten_prompt != prompt


async def test_noise_is_bounded_and_the_same_each_time(client: AsyncOpenAI) -> None:
    """The same pair gets the same scores, each at most ten off."""
    first, second = [await judged(client, png(SCENE), png(SCENE)) for _ in range(2)]
    assert first == second
    assert all(90 <= score <= 100 for score in first.scores.model_dump().values())
    assert min(first.scores.model_dump().values()) < 100
    assert first.differences == []


async def test_lying_judge_praises_the_worse_picture(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """What is far off gets more than what is the same."""
    server.abilities = replace(server.abilities, lying_judge=True)
    same = await judged(client, png(SCENE), png(SCENE))
    far = await judged(client, png(SCENE), png(FAR_OFF))
    assert far.scores.mean > same.scores.mean + 20
    assert far.differences == []


async def test_one_prompt_does_not_repair_everything(client: AsyncOpenAI) -> None:
    """The largest differences go first, so that it takes several rounds."""
    judgement = await judged(client, png(SCENE), png(FAR_OFF))
    repaired = scenes.parse(judgement.rewritten_prompt)
    assert 0 < len(scenes.differences(SCENE, repaired)) < len(scenes.differences(SCENE, FAR_OFF))


async def test_named_thing_is_outlined(client: AsyncOpenAI) -> None:
    """Only what the request names is answered with its box, as shares of the picture."""

    async def outlined(request: str) -> list[Shape]:
        response = await client.responses.parse(
            model="m", input=looking(f"Request of the asker:\n{request}", png(SCENE)), text_format=Shapes
        )
        assert response.output_parsed is not None
        return response.output_parsed.shapes

    [shape] = await outlined("only the red circle")
    assert shape.label == "red circle"
    assert (shape.x, shape.y) == (pytest.approx(0.07, abs=0.02), pytest.approx(0.03, abs=0.02))
    assert (shape.width, shape.height) == (pytest.approx(0.26, abs=0.02), pytest.approx(0.26, abs=0.02))
    assert len(shape.polygon) == 4
    assert shape.polygon[0] == [shape.x, shape.y]
    assert [each.label for each in await outlined("the thing at the bottom right")] == ["blue square"]
    assert await outlined("the green star") == []


async def refined(client: AsyncOpenAI, original: bytes, *, rounds: int, compare: bool) -> bytes:
    """Describe a picture, draw it, and draw it better and better; return the best drawing."""
    response = await client.responses.parse(
        model="m",
        input=[
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "Describe it."},
                    {"type": "input_image", "image_url": data_url(original, "png"), "detail": "high"},
                ],
            }
        ],
        text_format=Told,
    )
    assert response.output_parsed is not None
    prompt = response.output_parsed.text
    best, best_score = b"", -1.0
    for _ in range(rounds):
        candidate = await drawn(client, prompt)
        judgement = await judged(client, original, candidate)
        score = judgement.scores.mean - 5 * len(judgement.differences)
        if score > best_score:
            best, best_score = candidate, score
        if compare:
            if not judgement.differences:
                break
            prompt = judgement.rewritten_prompt
    return best


@pytest.mark.timeout(600)
async def test_only_a_loop_that_compares_converges(client: AsyncOpenAI) -> None:
    """From a poor description, with a noisy judge and an erring drawer, to the same scene in a few rounds."""
    originals = [(scene, png(scene)) for scene in map(scenes.random_scene, range(10))]
    done = [is_same(await refined(client, each, rounds=12, compare=True), scene) for scene, each in originals]
    assert sum(done) >= 9
    blind = [
        is_same(await refined(client, each, rounds=3, compare=False), scene) for scene, each in originals[:3]
    ]
    assert sum(blind) == 0
