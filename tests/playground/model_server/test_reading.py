"""With eyes for writing the server reads what is really written, if it can be read in what was sent."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from openai import AsyncOpenAI
from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel

from playground.models import ScriptedModels
from playground.models.sight import as_seen
from tests.pictures import encoded
from tests.playground.model_server.conftest import chatting, looking
from tests.reading import read

PATIENCE = 120
"""Seconds: reading is slow on a busy machine."""


class Reading(BaseModel):
    visible_text: str
    answer: str


def slide(*lines: tuple[str, int, tuple[int, int]]) -> Image.Image:
    """Return a white slide with texts, each with its height and place."""
    image = Image.new("RGB", (1920, 1080), "white")
    for text, height, place in lines:
        ImageDraw.Draw(image).text(place, text, "black", ImageFont.load_default(height))
    return image


SLIDE = slide(("Budget 4200 EUR", 60, (100, 300)), ("password heron", 14, (1740, 1050)))


@pytest.fixture
async def server() -> AsyncGenerator[ScriptedModels]:
    async with ScriptedModels(reading=read) as server:
        yield server


async def test_writing_is_in_every_answer(client: AsyncOpenAI, server: ScriptedModels) -> None:
    """Structured and plain answers of both APIs hold what is written; the call keeps it line by line."""
    picture = encoded(SLIDE, quality=95)
    patient = client.with_options(timeout=PATIENCE)
    response = await patient.responses.parse(
        model="m", input=looking("What is the budget?", picture), text_format=Reading
    )
    assert response.output_parsed is not None
    assert "Budget 4200 EUR" in response.output_parsed.visible_text
    assert "4200" in response.output_parsed.answer
    completion = await patient.chat.completions.create(
        model="m", messages=chatting("What is the budget?", picture)
    )
    assert "Budget 4200 EUR" in (completion.choices[0].message.content or "")
    assert (
        server.calls[0].sights[0].lines
        == server.calls[1].sights[0].lines
        == (
            "Budget 4200 EUR",
            "password heron",
        )
    )


async def test_small_writing_is_read_only_where_it_can_be(client: AsyncOpenAI) -> None:
    """A model that is sent few pixels cannot read a corner; one that is sent the corner alone can."""
    patient = client.with_options(timeout=PATIENCE)

    async def answer(image: Image.Image, detail: str) -> str:
        given = looking("What is the password?", encoded(image, quality=95), detail=detail)
        return (await patient.responses.create(model="m", input=given)).output_text

    assert "heron" not in await answer(SLIDE, "low")
    assert "heron" not in await answer(SLIDE.resize((426, 240)), "high")
    assert "heron" in await answer(SLIDE.crop((1600, 1000, 1920, 1080)), "low")


def test_detail_bounds_the_pixels() -> None:
    """Low detail shows 512 pixels at most, high detail 2500 patches, others all."""
    image = Image.new("RGB", (4000, 2000))
    assert as_seen(image, "low").size == (512, 256)
    width, height = as_seen(image, "high").size
    assert width * height == pytest.approx(2500 * 32 * 32, rel=0.01)
    assert as_seen(image, "original").size == (4000, 2000)
    assert as_seen(Image.new("RGB", (300, 300)), "low").size == (300, 300)
