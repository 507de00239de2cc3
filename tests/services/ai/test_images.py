"""Drawing and judging, against a real server on loopback and the real openai client."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator

import pytest
from PIL import Image

from playground.models import ModelFault, ScriptedModels, scenes
from playground.models.scenes import Scene, Thing
from services.ai.build import Models, build_models
from services.ai.protocols import ImageModel, Judge, Picture, Task
from services.configuration import load_settings
from services.errors import BlockedError, BotError, BusyError, CreditError, ReplyError
from tests.pictures import encoded

SCENE = Scene(
    "yellow", (Thing("circle", "red", "large", 0.2, 0.16), Thing("square", "blue", "small", 0.8, 0.72))
)
TASK = Task(goal="", keep="", corrections=("no moon",), reading="A yellow scene", prompt="A scene")


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedModels]:
    async with ScriptedModels() as server:
        yield server
        assert not server.unimplemented


@pytest.fixture
async def models(server: ScriptedModels) -> AsyncGenerator[Models]:
    models = build_models(load_settings(server.environment()))
    yield models
    await models.aclose()


@pytest.fixture
def image(models: Models) -> ImageModel:
    assert models.image is not None
    return models.image


@pytest.fixture
def judge(models: Models) -> Judge:
    assert models.judge is not None
    return models.judge


def picture(scene: Scene = SCENE) -> Picture:
    return Picture(encoded(scenes.render(scene, (640, 640)), "PNG"), "image/png", 640, 640)


def opaque_but(box: tuple[int, int, int, int]) -> bytes:
    mask = Image.new("RGBA", (640, 640), "black")
    mask.paste((0, 0, 0, 0), box)
    return encoded(mask, "PNG")


async def test_picture_is_drawn_with_its_price(image: ImageModel, server: ScriptedModels) -> None:
    """Size, quality, moderation and person are sent; text and drawn tokens have prices of their own."""
    reply = await image.draw("A red circle on a blue background", width=1024, height=1536, person="p" * 64)
    with Image.open(io.BytesIO(reply.value)) as drawn:
        assert drawn.size == (1024, 1536)
    [call] = server.calls
    sent = {name: call.body[name] for name in ("size", "quality", "moderation", "safety_identifier", "n")}
    assert sent == {
        "size": "1024x1536",
        "quality": "low",
        "moderation": "auto",
        "safety_identifier": "p" * 64,
        "n": 1,
    }
    assert reply.spend.usd == pytest.approx((call.tokens[0] * 5 + call.tokens[1] * 30) / 1_000_000)


async def test_edit_sends_pictures_and_mask(image: ImageModel, server: ScriptedModels) -> None:
    """Only what the mask leaves transparent changes; given pictures have a price of their own."""
    reply = await image.edit(
        [picture(), picture()],
        "a purple circle",
        mask=opaque_but((0, 0, 320, 320)),
        width=640,
        height=640,
        person="p",
    )
    with Image.open(io.BytesIO(reply.value)) as drawn:
        found = scenes.recognise(drawn)
    assert found is not None
    assert {each.name for each in found.things} >= {"purple circle", "blue square"}
    [call] = server.calls
    assert [each.field for each in call.uploads] == ["image[]", "image[]", "mask"]
    words = -(-len("a purple circle") // 4)
    given = call.tokens[0] - words
    usd = (words * 5 + given * 8 + call.tokens[1] * 30) / 1_000_000
    assert reply.spend.usd == pytest.approx(usd, rel=0.05)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (ModelFault("/images", "status", status=400, code="moderation_blocked"), BlockedError),
        (ModelFault("/images", "status", status=429, code="rate_limit_exceeded"), BusyError),
        (ModelFault("/images", "status", status=429, code="insufficient_quota"), CreditError),
        (ModelFault("/images", "reset"), BusyError),
        (ModelFault("/images", "html", status=200), ReplyError),
    ],
    ids=lambda value: value.code or value.action if isinstance(value, ModelFault) else "",
)
async def test_failing_call_is_made_once(
    image: ImageModel, server: ScriptedModels, fault: ModelFault, kind: type[BotError]
) -> None:
    """Every failure has its error, and no picture is asked for again behind our back: it may be paid for."""
    server.fail(fault)
    with pytest.raises(kind):
        await image.draw("A red circle", width=1024, height=1024, person="p")
    assert len(server.calls) == 1


async def test_judge_sees_both_in_either_order(judge: Judge, server: ScriptedModels) -> None:
    """Captions tell which is which, corrections go along as material, and every number is within its bounds."""
    far_off = picture(Scene("grey", (Thing("star", "green", "small", 0.8, 0.16),)))
    first = await judge.compare(picture(), far_off, TASK, swapped=False, language="en", person="p")
    second = await judge.compare(picture(), far_off, TASK, swapped=True, language="en", person="p")
    same = await judge.compare(picture(), picture(), TASK, swapped=False, language="en", person="p")
    assert first.value == second.value
    assert same.value.overall > first.value.overall + 20
    assert first.value.differences
    assert all(0 <= side <= 1 for each in first.value.differences for side in each.box)
    assert [each.caption for each in server.calls[1].sights] == ["Candidate", "Original"]
    assert "no moon" in server.calls[0].text


async def test_words_are_pointed_at(judge: Judge) -> None:
    """What is there gets an outline around its place; what is not there gets none."""
    found = await judge.point_at(picture(), "only the red circle", person="p")
    [outline] = found.value
    assert min(x for x, _ in outline) < 0.2 < max(x for x, _ in outline)
    assert (await judge.point_at(picture(), "the purple star", person="p")).value == ()


async def test_drawing_is_estimated_by_its_pixels(models: Models) -> None:
    """About what third parties report; a model without prices has no estimate, never 0."""
    estimate = models.prices.estimate_drawing(
        "gpt-image-2.6-flare", characters=300, given_pixels=0, drawn_pixels=1_000_000, quality="low"
    )
    assert estimate == pytest.approx(0.0245, rel=0.05)
    assert (
        models.prices.estimate_drawing("x", characters=1, given_pixels=0, drawn_pixels=1, quality="low") is None
    )
